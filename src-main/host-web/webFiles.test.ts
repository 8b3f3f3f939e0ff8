import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { chosenFile } from '#shared/contract/host.ts'
import { startHost, startTestHost, type Answer, type TestHost } from './testHost.ts'

let home: string
let test: TestHost
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gradus-web-'))
  test = await startTestHost(home)
})
afterAll(async () => {
  await test.host.close()
  rmSync(home, { recursive: true })
})

describe('uploads', () => {
  const upload = (query: string, body: string | Buffer): Promise<Answer> =>
    test.send(`/upload?${query}`, test.own, { method: 'POST', body })

  it('are kept under a token, whatever their names say', async () => {
    const { status, body } = await upload('name=..%2F..%5Csecret%00.csv', 'a,b')
    const chosen = chosenFile.parse(JSON.parse(body))
    const path = test.host.backend.context.files.path(chosen.fileToken)
    expect({ status, name: chosen.name, inside: path.startsWith(join(home, 'cache', 'uploads')) }).toEqual({
      status: 200,
      name: 'secret.csv',
      inside: true,
    })
    expect(readFileSync(path, 'utf8')).toBe('a,b')
  })

  it('of projects are kept among the projects, and overwrite none', async () => {
    writeFileSync(join(home, 'projects', 'p.gradus'), 'mine')
    const answers = await Promise.all([
      upload('name=p.gradus&as=project', 'theirs'),
      upload('name=p.txt&as=project', 'theirs'),
    ])
    expect(answers.map(({ status, body }) => [status, (JSON.parse(body) as { name?: string }).name])).toEqual(
      [
        [200, 'p 2.gradus'],
        [400, undefined],
      ],
    )
    expect(readdirSync(join(home, 'projects')).sort()).toEqual(['p 2.gradus', 'p.gradus'])
    expect(readFileSync(join(home, 'projects', 'p.gradus'), 'utf8')).toBe('mine')
  })

  it('that are too large leave nothing', async () => {
    const before = readdirSync(join(home, 'cache', 'uploads'), { recursive: true }).length
    const announced = await upload('name=big.csv', Buffer.alloc(1001))
    const chunked = await test.send(
      '/upload?name=big.csv',
      { ...test.own, 'Transfer-Encoding': 'chunked' },
      {
        method: 'POST',
        body: Buffer.alloc(1001),
      },
    )
    const files = readdirSync(join(home, 'cache', 'uploads'), { recursive: true, encoding: 'utf8' })
    expect(
      [announced, chunked].map(({ status, body }) => ({ status, body: JSON.parse(body) as unknown })),
    ).toEqual(
      Array(2).fill({
        status: 400,
        body: {
          code: 'bad-request',
          message: 'big.csv is larger than 1000 bytes.',
          details: { limit: 1000 },
        },
      }),
    )
    expect({ before: before > 0, left: files.filter((name) => name.endsWith('big.csv')) }).toEqual({
      before: true,
      left: [],
    })
  })
})

describe('downloads', () => {
  it('come as attachments, from their own address alone', async () => {
    const path = join(home, 'Prüfung (1).csv')
    writeFileSync(path, 'a,b\n')
    const address = test.host.backend.context.files.offerDownload?.(path) ?? ''
    const { status, headers, body } = await test.send(address, test.own)
    expect({
      status,
      body,
      disposition: headers['content-disposition'],
      policy: headers['content-security-policy'],
    }).toEqual({
      status: 200,
      body: 'a,b\n',
      disposition: "attachment; filename*=UTF-8''Pr%C3%BCfung%20%281%29.csv",
      policy: "default-src 'none'; sandbox",
    })
    const statuses = await Promise.all([
      test.send(address, {}),
      test.send(address.replace(/[0-9a-f]{32}/, '0'.repeat(32)), test.own),
      test.send(`${address}x`, test.own),
    ])
    expect(statuses.map((answer) => answer.status)).toEqual([401, 404, 404])
    rmSync(path)
    expect((await test.send(address, test.own)).status).toBe(404)
  })
})

describe('starting and ending', () => {
  it('refuses a port that is taken', async () => {
    const other = join(home, 'other')
    await expect(startHost(other, test.port)).rejects.toMatchObject({
      code: 'bad-options',
      details: { port: test.port },
    })
  })

  it('lets windows know of its end, frees the port and removes its uploads and those of runs that died', async () => {
    const other = join(home, 'ending')
    const abandoned = join(other, 'cache', 'uploads', '999999999-abc')
    await (await startHost(other)).close()
    mkdirSync(abandoned)
    const second = await startHost(other)
    const { origin, port: secondPort, pathname, search } = new URL(second.address)
    expect(existsSync(abandoned)).toBe(false)
    const exchanged = await fetch(origin + pathname + search, { redirect: 'manual' })
    const socket = new WebSocket(`ws://127.0.0.1:${secondPort}/socket`, {
      headers: { Cookie: exchanged.headers.get('set-cookie')!.split(';')[0]!, Origin: origin },
    })
    await new Promise((resolve) => socket.once('open', resolve))
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await second.close()
    await ended
    expect(readdirSync(join(other, 'cache', 'uploads'))).toEqual([])
    await expect(fetch(origin)).rejects.toThrow()
  })
})
