import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { groupRows, type RatingTable } from './ratingTable.ts'

/**
 * The rater model: y = a + b·μ + ε for rater and pair, ε ~ N(0, σ²), μ ~ N(mean, variance) over pairs; over raters
 * a ~ N(0, biasVariance), b ~ N(1, scaleVariance), log σ² ~ N(logVariance, logSpread). Over the raters there are, a is 0
 * and b is 1 in the mean: that fixes where μ lies.
 */
export interface FittedRaters {
  /** Of μ over pairs. */
  readonly mean: number
  readonly variance: number
  /** σ of the usual rater: e to half the mean of log σ². */
  readonly usualDeviation: number
  /** a, b and σ of each rater [raters]; 0, 1 and the usual σ for those without a score. */
  readonly bias: Float64Array
  readonly scale: Float64Array
  readonly deviation: Float64Array
  /** Posterior mean and standard deviation of each μ [pairs]. */
  readonly score: Float64Array
  readonly uncertainty: Float64Array
  /** How raters differ from one another. */
  readonly population: RaterPopulation
}

/** Over raters a ~ N(0, biasVariance), b ~ N(1, scaleVariance), log σ² ~ N(logVariance, logSpread). */
interface RaterPopulation {
  biasVariance: number
  scaleVariance: number
  logVariance: number
  logSpread: number
}

/** What the model's parameters are while it is fitted or sampled. */
interface State extends RaterPopulation {
  readonly bias: Float64Array
  readonly scale: Float64Array
  /** σ². */
  readonly noise: Float64Array
  readonly score: Float64Array
  /** Posterior variance of μ. */
  readonly spread: Float64Array
  mean: number
  variance: number
}

const mostIterations = 200
/**
 * What is taken for likely before any score is seen: raters' biases some .08 apart, their scales .16, their σ by a factor
 * of 1.5. Each variance has an inverse-gamma prior of shape 1.5 and this scale, so that a few raters who are alike do not
 * make all raters the same.
 */
const beforehand = { biasVariance: 0.01, scaleVariance: 0.04, logSpread: 0.25 }
const shape = 1.5

/** The likeliest variance, given the sum of squares over so many. */
function likeliest(scale: number, count: number, squares: number): number {
  return (scale + squares / 2) / (shape + 1 + count / 2)
}

/** A change of no parameter by more than this ends the fit; scores are 0–1. */
const settled = 1e-5
/** Nobody's errors are taken for smaller: some raters repeat others exactly. */
const smallestNoise = 1e-4
const smallestVariance = 1e-6

function begin(table: RatingTable): State {
  const { pairs, raters, score } = table
  const mean = score.reduce((sum, value) => sum + value, 0) / score.length
  const spread = score.reduce((sum, value) => sum + (value - mean) ** 2, 0) / score.length
  const half = Math.max(smallestNoise, spread / 2)
  return {
    bias: new Float64Array(raters),
    scale: new Float64Array(raters).fill(1),
    noise: new Float64Array(raters).fill(half),
    score: new Float64Array(pairs).fill(mean),
    spread: new Float64Array(pairs).fill(half),
    mean,
    variance: half,
    biasVariance: half / 4,
    scaleVariance: 0.1,
    logVariance: Math.log(half),
    logSpread: 0.5,
  }
}

/** Posterior of each μ given the raters. */
function estimateScores(table: RatingTable, state: State): void {
  const { pair, rater, score } = table
  const { spread } = state
  const precision = spread.fill(1 / state.variance)
  const weighted = state.score.fill(state.mean / state.variance)
  for (let row = 0; row < pair.length; row++) {
    const own = pair[row] ?? 0
    const by = rater[row] ?? 0
    const scale = state.scale[by] ?? 1
    const noise = state.noise[by] ?? 1
    precision[own] = (precision[own] ?? 0) + (scale * scale) / noise
    weighted[own] = (weighted[own] ?? 0) + (scale * ((score[row] ?? 0) - (state.bias[by] ?? 0))) / noise
  }
  for (let own = 0; own < spread.length; own++) {
    const variance = 1 / (precision[own] ?? 1)
    spread[own] = variance
    state.score[own] = (weighted[own] ?? 0) * variance
  }
}

/** Moments of a rater's scores y and the μ of the pairs they are of. */
interface Moments {
  readonly n: number
  readonly y: number
  readonly yy: number
  readonly mu: number
  readonly muMu: number
  readonly muY: number
}

/** Sums over one rater's rows; where μ is known by its posterior, its square is of that. */
function momentsOf(table: RatingTable, state: State, rows: Int32Array, withSpread: boolean): Moments {
  let [y, yy, mu, muMu, muY] = [0, 0, 0, 0, 0]
  for (const row of rows) {
    const own = table.pair[row] ?? 0
    const value = table.score[row] ?? 0
    const at = state.score[own] ?? 0
    y += value
    yy += value * value
    mu += at
    muMu += at * at + (withSpread ? (state.spread[own] ?? 0) : 0)
    muY += at * value
  }
  return { n: rows.length, y, yy, mu, muMu, muY }
}

/** Posterior of a and b given the rest: a normal with these means, variances and covariance. */
function lineOf(
  { n, y, mu, muMu, muY }: Moments,
  noise: number,
  { biasVariance, scaleVariance }: State,
): { a: number; b: number; aa: number; bb: number; ab: number } {
  const [p, q, r] = [n / noise + 1 / biasVariance, mu / noise, muMu / noise + 1 / scaleVariance]
  const [u, v] = [y / noise, muY / noise + 1 / scaleVariance]
  const determinant = p * r - q * q
  return {
    a: (r * u - q * v) / determinant,
    b: (p * v - q * u) / determinant,
    aa: r / determinant,
    bb: p / determinant,
    ab: -q / determinant,
  }
}

/** Expected sum of squared errors of the line a + bμ. */
function errorsOf(
  { n, y, yy, mu, muMu, muY }: Moments,
  { a, b, aa, bb, ab }: { a: number; b: number; aa: number; bb: number; ab: number },
): number {
  const [square, cross, both] = [a * a + aa, b * b + bb, a * b + ab]
  return Math.max(0, yy + n * square + cross * muMu - 2 * a * y - 2 * b * muY + 2 * both * mu)
}

/** Moves μ so that over raters with scores a is 0 and b is 1 in the mean: the scores that are said stay the same. */
function anchor(state: State, active: Int32Array): void {
  const { bias, scale, score, spread } = state
  const meanOf = (values: Float64Array): number =>
    active.reduce((sum, by) => sum + (values[by] ?? 0), 0) / active.length
  const [shift, stretch] = [meanOf(bias), meanOf(scale)]
  // Where raters follow no common order, there is nothing to stretch by.
  if (!(stretch > 0.05)) return
  for (const by of active) {
    const own = (scale[by] ?? 1) / stretch
    scale[by] = own
    bias[by] = (bias[by] ?? 0) - own * shift
  }
  for (let own = 0; own < score.length; own++) {
    score[own] = shift + stretch * (score[own] ?? 0)
    spread[own] = stretch * stretch * (spread[own] ?? 0)
  }
  state.mean = shift + stretch * state.mean
  state.variance *= stretch * stretch
}

function sumOver(active: Int32Array, value: (by: number) => number): number {
  return active.reduce((sum, by) => sum + value(by), 0)
}

/**
 * Fits the rater model by expectation–maximisation, the population of raters with it (empirical Bayes), so that raters
 * with few scores are taken for usual ones.
 * @returns null where no pair has two scores or all scores are equal.
 */
export function fitRaterModel(table: RatingTable): FittedRaters | null {
  const { pairs, raters, pair, rater } = table
  const byPair = new Int32Array(pairs)
  for (const own of pair) byPair[own] = (byPair[own] ?? 0) + 1
  if (!byPair.some((count) => count >= 2)) return null
  const state = begin(table)
  if (state.variance <= smallestNoise) return null
  const { starts, rows } = groupRows(rater, raters)
  const rowsOf = (by: number): Int32Array => rows.subarray(starts[by] ?? 0, starts[by + 1] ?? 0)
  const active = Int32Array.from({ length: raters }, (_, by) => by).filter((by) => rowsOf(by).length > 0)
  const scored = Int32Array.from({ length: pairs }, (_, own) => own).filter((own) => (byPair[own] ?? 0) > 0)

  for (let iteration = 0; iteration < mostIterations; iteration++) {
    estimateScores(table, state)
    state.mean = sumOver(scored, (own) => state.score[own] ?? 0) / scored.length
    state.variance = Math.max(
      smallestVariance,
      sumOver(scored, (own) => ((state.score[own] ?? 0) - state.mean) ** 2 + (state.spread[own] ?? 0)) /
        scored.length,
    )
    let change = 0
    let [biases, scales] = [0, 0]
    const errors = new Float64Array(raters)
    for (const by of active) {
      const moments = momentsOf(table, state, rowsOf(by), true)
      const line = lineOf(moments, state.noise[by] ?? 1, state)
      biases += line.a * line.a + line.aa
      scales += (line.b - 1) ** 2 + line.bb
      change = Math.max(
        change,
        Math.abs(line.a - (state.bias[by] ?? 0)),
        Math.abs(line.b - (state.scale[by] ?? 1)),
      )
      state.bias[by] = line.a
      state.scale[by] = line.b
      errors[by] = errorsOf(moments, line)
    }
    state.biasVariance = likeliest(beforehand.biasVariance, active.length, biases)
    state.scaleVariance = likeliest(beforehand.scaleVariance, active.length, scales)
    fitNoise(state, active, errors, (by) => rowsOf(by).length)
    anchor(state, active)
    if (change < settled) break
  }
  estimateScores(table, state)
  return {
    mean: state.mean,
    variance: state.variance,
    usualDeviation: Math.exp(state.logVariance / 2),
    bias: state.bias,
    scale: state.scale,
    deviation: state.noise.map((noise, by) =>
      rowsOf(by).length === 0 ? Math.exp(state.logVariance / 2) : Math.sqrt(noise),
    ),
    score: state.score,
    uncertainty: state.spread.map(Math.sqrt),
    population: {
      biasVariance: state.biasVariance,
      scaleVariance: state.scaleVariance,
      logVariance: state.logVariance,
      logSpread: state.logSpread,
    },
  }
}

/**
 * The likeliest log σ² of each rater, and of the population they are drawn from, by expectation–maximisation with
 * Laplace's approximation.
 */
function fitNoise(
  state: State,
  active: Int32Array,
  errors: Float64Array,
  countOf: (by: number) => number,
): void {
  let [sum, unsure] = [0, 0]
  for (const by of active) {
    const [half, squares] = [countOf(by) / 2, (errors[by] ?? 0) / 2]
    let log = Math.log(state.noise[by] ?? 1)
    // Newton's method on a concave function; some steps of at most 1 are enough from the value before.
    for (let step = 0; step < 20; step++) {
      const left = squares * Math.exp(-log)
      const slope = left - half - (log - state.logVariance) / state.logSpread
      const move = Math.max(-1, Math.min(1, slope / (left + 1 / state.logSpread)))
      log += move
      if (Math.abs(move) < 1e-6) break
    }
    state.noise[by] = Math.max(smallestNoise, Math.exp(log))
    sum += log
    unsure += 1 / (squares * Math.exp(-log) + 1 / state.logSpread)
  }
  state.logVariance = sum / active.length
  const apart = sumOver(active, (by) => (Math.log(state.noise[by] ?? 1) - state.logVariance) ** 2)
  state.logSpread = likeliest(beforehand.logSpread, active.length, apart + unsure)
}

/** Ends of a 95% interval of each rater's parameters [raters]. */
export interface RaterIntervals {
  readonly bias: readonly [Float64Array, Float64Array]
  readonly scale: readonly [Float64Array, Float64Array]
  readonly deviation: readonly [Float64Array, Float64Array]
}

/** Rows times sweeps: some seconds. */
const mostWork = 4e7
const sweepsWanted = 4000

/**
 * Intervals of the raters' parameters by Gibbs sampling (Geman & Geman 1984) from the fitted model on, with the
 * population as it was fitted: all that is unsure about the μ of the pairs is in them. Means ± 1.96 standard deviations,
 * of log σ for σ.
 * @param onProgress told the share done, and awaited: other work may go in between.
 */
export async function raterIntervals(
  table: RatingTable,
  fitted: FittedRaters,
  seed: number,
  onProgress: (share: number) => Promise<void> | void,
): Promise<RaterIntervals> {
  const { raters, rater, score } = table
  const random = xoroshiro128plus(seed)
  const uniform = (): number => 1 - uniformFloat64(random)
  // Box & Muller 1958; the second of each two is kept.
  let second: number | null = null
  const normal = (): number => {
    if (second !== null) {
      const kept = second
      second = null
      return kept
    }
    const length = Math.sqrt(-2 * Math.log(uniform()))
    const angle = 2 * Math.PI * uniform()
    second = length * Math.sin(angle)
    return length * Math.cos(angle)
  }
  const { starts, rows } = groupRows(rater, raters)
  const rowsOf = (by: number): Int32Array => rows.subarray(starts[by] ?? 0, starts[by + 1] ?? 0)
  const active = Int32Array.from({ length: raters }, (_, by) => by).filter((by) => rowsOf(by).length > 0)
  const state: State = {
    bias: fitted.bias.slice(),
    scale: fitted.scale.slice(),
    noise: fitted.deviation.map((deviation) => deviation * deviation),
    score: fitted.score.slice(),
    spread: fitted.uncertainty.map((deviation) => deviation * deviation),
    mean: fitted.mean,
    variance: fitted.variance,
    ...fitted.population,
  }
  const scored = new Set(table.pair)
  const sweeps = Math.max(60, Math.min(sweepsWanted, Math.floor(mostWork / Math.max(1, score.length))))
  const burnIn = Math.ceil(sweeps / 5)
  /**
   * A step of Metropolis & Hastings: with many scores one that the errors propose, taken by how likely it is in the
   * population; with few the other way round.
   */
  const drawNoise = (before: number, n: number, errors: number): number => {
    const population = (noise: number): number =>
      -((Math.log(noise) - state.logVariance) ** 2) / (2 * state.logSpread)
    const likelihood = (noise: number): number => -(n / 2) * Math.log(noise) - errors / (2 * noise)
    const byErrors = n >= 8
    const proposed = byErrors
      ? errors / 2 / gamma(n / 2, normal, uniform)
      : Math.exp(state.logVariance + Math.sqrt(state.logSpread) * normal())
    if (!(proposed > smallestNoise)) return before
    const judge = byErrors ? population : likelihood
    return Math.log(uniform()) < judge(proposed) - judge(before) ? proposed : before
  }
  const sums = { bias: moments(raters), scale: moments(raters), deviation: moments(raters) }
  /** Draws what raters and pairs are drawn from. */
  const samplePopulation = (): void => {
    const drawVariance = (scale: number, count: number, squares: number): number =>
      Math.max(smallestVariance, (scale + squares / 2) / gamma(shape + count / 2, normal, uniform))
    const count = active.length
    state.biasVariance = drawVariance(
      beforehand.biasVariance,
      count,
      sumOver(active, (by) => (state.bias[by] ?? 0) ** 2),
    )
    state.scaleVariance = drawVariance(
      beforehand.scaleVariance,
      count,
      sumOver(active, (by) => ((state.scale[by] ?? 1) - 1) ** 2),
    )
    const logOf = (by: number): number => Math.log(state.noise[by] ?? 1)
    const logMean = sumOver(active, logOf) / count
    state.logVariance = logMean + Math.sqrt(state.logSpread / count) * normal()
    state.logSpread = drawVariance(
      beforehand.logSpread,
      count,
      sumOver(active, (by) => (logOf(by) - state.logVariance) ** 2),
    )
    let [sum, squares] = [0, 0]
    for (const own of scored) sum += state.score[own] ?? 0
    const mean = sum / scored.size
    for (const own of scored) squares += ((state.score[own] ?? 0) - mean) ** 2
    state.variance = drawVariance(smallestVariance, scored.size, squares)
    state.mean = mean + Math.sqrt(state.variance / scored.size) * normal()
  }

  for (let sweep = 0; sweep < sweeps + burnIn; sweep++) {
    estimateScores(table, state)
    for (let own = 0; own < state.score.length; own++)
      state.score[own] = (state.score[own] ?? 0) + Math.sqrt(state.spread[own] ?? 0) * normal()
    for (const by of active) {
      const found = momentsOf(table, state, rowsOf(by), false)
      const line = lineOf(found, state.noise[by] ?? 1, state)
      const first = normal()
      const a = line.a + Math.sqrt(line.aa) * first
      const b =
        line.b +
        (line.ab / Math.sqrt(line.aa)) * first +
        Math.sqrt(Math.max(0, line.bb - (line.ab * line.ab) / line.aa)) * normal()
      const errors = errorsOf(found, { a, b, aa: 0, bb: 0, ab: 0 })
      state.bias[by] = a
      state.scale[by] = b
      state.noise[by] = drawNoise(state.noise[by] ?? 1, found.n, errors)
    }
    anchor(state, active)
    samplePopulation()
    if (sweep >= burnIn)
      for (const by of active) {
        addMoment(sums.bias, by, state.bias[by] ?? 0)
        addMoment(sums.scale, by, state.scale[by] ?? 1)
        addMoment(sums.deviation, by, Math.log(state.noise[by] ?? 1) / 2)
      }
    if (sweep % 20 === 0) await onProgress(sweep / (sweeps + burnIn))
  }
  const ends = (gathered: ReturnType<typeof moments>): [Float64Array, Float64Array] => {
    const at = (sign: number): Float64Array =>
      gathered.sum.map((sum, by) => {
        const mean = sum / sweeps
        const variance = Math.max(0, (gathered.squares[by] ?? 0) / sweeps - mean * mean)
        return mean + sign * 1.96 * Math.sqrt(variance)
      })
    return [at(-1), at(1)]
  }
  const [low, high] = ends(sums.deviation)
  return {
    bias: ends(sums.bias),
    scale: ends(sums.scale),
    deviation: [low.map(Math.exp), high.map(Math.exp)],
  }
}

function moments(raters: number): { sum: Float64Array; squares: Float64Array } {
  return { sum: new Float64Array(raters), squares: new Float64Array(raters) }
}

function addMoment(of: { sum: Float64Array; squares: Float64Array }, by: number, value: number): void {
  of.sum[by] = (of.sum[by] ?? 0) + value
  of.squares[by] = (of.squares[by] ?? 0) + value * value
}

/** A draw from the gamma distribution of this shape (> 1) and rate 1 (Marsaglia & Tsang 2000). */
function gamma(shape: number, normal: () => number, uniform: () => number): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}
