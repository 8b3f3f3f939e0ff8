import { join } from 'node:path'
import { encoder } from '../../encoder/catalogue.ts'
import { createAtomicFile } from '../../formats/atomicFile.ts'
import { buildScoringModel, scoreOutputs } from '../../learning/scoring/scoringModel.ts'
import { readWeights } from '../../learning/weights.ts'
import { libraryVersions } from '../../libraryVersions.ts'
import type { ServiceContext } from '../context.ts'
import { modelInUse, type ModelInUse } from '../model/modelInUse.ts'

/** What somebody needs to know to use the weights elsewhere. Nothing in it depends on when or where it is written. */
function describeModel({ run, report, weights }: ModelInUse, version: string): object {
  const { head, size, dimension, ridgeLambda } = readWeights(weights)
  return {
    format: 'gradus-model',
    formatVersion: 1,
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
      width: size.featureWidth,
    },
    standardisation: {
      formula: '(feature - features.mean) / features.scale',
      fittedOn: 'the training rows of this run',
      usedBy: 'the heads; ridge takes the features as they are',
    },
    heads: { kind: head, members: size.members, hiddenWidth: size.hiddenWidth },
    ridge: { lambda: ridgeLambda },
    used: report.used,
    score: 'strength from 0 to 1; variance over the heads (n - 1); low and high are a 95% interval',
    onnx: {
      file: 'heads.onnx',
      inputs: ['premise_embedding', 'hypothesis_embedding'],
      outputs: [...scoreOutputs],
    },
    run: {
      number: run.number,
      id: run.id,
      trainedAt: run.createdAt,
      snapshotDigest: run.snapshotDigest,
      labelledPairs: run.labelledPairs,
      rows: report.rows,
    },
    configuration: run.configuration,
    metrics: {
      validationPearson: report.validationPearson,
      bestEpoch: report.bestEpoch,
      holdout: report.holdout,
      humanCeiling: report.ceiling,
    },
    backend: report.backend.name,
    versions: { gradus: version, ...libraryVersions() },
  }
}

/**
 * Writes the weights of the model in use into `folder`: model.safetensors, config.json, and heads.onnx, which takes the
 * encoder's embeddings of both texts and gives what the program predicts. Each file takes its name only when it is
 * whole; the same run gives the same bytes.
 * @returns the paths of the files.
 * @throws GradusError `no-model`, `disk-full`, `file-unwritable`.
 */
export async function writeWeightsExport(
  context: Pick<ServiceContext, 'session' | 'version'>,
  folder: string,
): Promise<string[]> {
  const model = modelInUse(context.session.store())
  const files: [string, string | Uint8Array][] = [
    ['model.safetensors', model.weights],
    ['config.json', `${JSON.stringify(describeModel(model, context.version), null, 2)}\n`],
    ['heads.onnx', buildScoringModel(readWeights(model.weights), false)],
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
