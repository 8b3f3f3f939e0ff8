import { join } from 'node:path'
import { encoder } from '../../encoder/catalogue.ts'
import { createAtomicFile } from '../../formats/atomicFile.ts'
import { smallestSigma } from '../../learning/calibration/conformal.ts'
import { pooledWidth } from '../../learning/features/pooled.ts'
import { buildScoringModel } from '../../learning/scoring/scoringModel.ts'
import { readsTokens, readWeights, trainedHeads, type ModelWeights } from '../../learning/weights.ts'
import { libraryVersions } from '../../libraryVersions.ts'
import type { ServiceContext } from '../context.ts'
import { modelInUse, type ModelInUse } from '../model/modelInUse.ts'

/** What somebody needs to know to use the weights elsewhere. Nothing in it depends on when or where it is written. */
function describeModel(
  { run, report }: ModelInUse,
  weights: ModelWeights,
  outputs: readonly string[],
  version: string,
): object {
  const { dimension, ridgeLambda, conformal, signal, tolerance } = weights
  const tokens = readsTokens(weights)
  return {
    format: 'gradus-model',
    formatVersion: 2,
    encoder: {
      name: encoder.name,
      source: 'sentence-transformers/all-MiniLM-L6-v2',
      digest: run.encoderDigest,
      weightsSha256: encoder.sha256.weights,
      tokenizerSha256: encoder.sha256.tokenizer,
      dimension,
      maximumTokens: encoder.maximumTokens,
      pooling: 'mean of the last hidden states over the attention mask, then scaled to unit length',
    },
    features: {
      order: ['u', 'v', '|u-v|', 'u*v', 'cos(u,v)'],
      u: 'embedding of the premise',
      v: 'embedding of the hypothesis',
      width: pooledWidth(dimension),
    },
    tokenVectors: tokens
      ? 'last hidden states of each text on its own, [CLS] and [SEP] too; padding is told by the masks'
      : null,
    standardisation: {
      formula: '(feature - features.mean) * features.scale',
      scale: '1 / standard deviation; 0 for a constant feature',
      fittedOn: 'the training rows of this run',
      usedBy: 'the heads; ridge takes the features as they are',
    },
    heads: Object.fromEntries(
      trainedHeads(weights).map((name) => {
        const size = weights.heads[name]?.size
        return [name, { members: size?.members, hiddenWidth: size?.hiddenWidth, outputs: size?.columns }]
      }),
    ),
    ridge: { lambda: ridgeLambda },
    used: report.used,
    blend: report.blend,
    classes: report.classes,
    score: 'strength from 0 to 1; variance over the members (n - 1)',
    interval:
      conformal.quantile === null
        ? 'low and high: score ± 1.96 √(variance + residual variance on validation), clipped to 0–1'
        : `low and high: score ± ${conformal.quantile} · max(sigma, ${smallestSigma}), clipped to 0–1; holds ${Math.round(100 * conformal.level)}% (split conformal, ${conformal.n} rows)`,
    abstention:
      signal === null
        ? null
        : { signal: signal.name, output: 'doubt', abstainAbove: signal.abstainAbove, tolerance },
    onnx: {
      file: 'heads.onnx',
      inputs: [
        'premise_embedding',
        'hypothesis_embedding',
        ...(tokens ? ['premise_tokens', 'premise_mask', 'hypothesis_tokens', 'hypothesis_mask'] : []),
      ],
      outputs,
    },
    run: {
      number: run.number,
      id: run.id,
      trainedAt: run.createdAt,
      snapshotDigest: run.snapshotDigest,
      labelledPairs: run.labelledPairs,
      consensus: report.consensus,
      rows: report.rows,
    },
    configuration: run.configuration,
    metrics: {
      validationPearson: report.validationPearson,
      outOfFoldPearson: report.outOfFoldPearson,
      bestEpochs: Object.fromEntries(report.curves.map(({ head, bestEpoch }) => [head, bestEpoch])),
      holdout: report.holdout,
      humanCeiling: report.ceiling,
    },
    backend: report.backend.name,
    versions: { gradus: version, ...libraryVersions() },
  }
}

/**
 * Writes the weights of the model in use into `folder`: model.safetensors, config.json, and heads.onnx, which takes the
 * encoder's embeddings of both texts (and their token vectors, where the score depends on them) and gives what the
 * program predicts. Each file takes its name only when it is whole; the same run gives the same bytes.
 * @returns the paths of the files.
 * @throws GradusError `no-model`, `disk-full`, `file-unwritable`.
 */
export async function writeWeightsExport(
  context: Pick<ServiceContext, 'session' | 'version'>,
  folder: string,
): Promise<string[]> {
  const model = modelInUse(context.session.store())
  const weights = readWeights(model.weights)
  const exported = buildScoringModel(weights, { tokens: readsTokens(weights), rivals: false })
  const files: [string, string | Uint8Array][] = [
    ['model.safetensors', model.weights],
    [
      'config.json',
      `${JSON.stringify(describeModel(model, weights, exported.outputs, context.version), null, 2)}\n`,
    ],
    ['heads.onnx', exported.model],
  ]
  const paths: string[] = []
  for (const [name, content] of files) {
    const path = join(folder, name)
    const file = await createAtomicFile(path)
    try {
      await file.write(content)
      await file.publish()
    } finally {
      await file.abandon()
    }
    paths.push(path)
  }
  return paths
}
