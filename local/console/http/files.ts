/** The page's built files. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { HttpError } from './errors.ts'
import { targetOf } from './target.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Answers with the files of a folder; its `index.html` is the page. */
export const filesOf = (folder: string) => async (request: IncomingMessage, response: ServerResponse) => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new HttpError(405, 'Files are read with GET.')
  const { path } = targetOf(request)
  const file = normalize(join(folder, path === '/' ? 'index.html' : decoded(path)))
  const content = file.startsWith(folder + sep) ? await readFile(file).catch(() => undefined) : undefined
  if (!content) throw new HttpError(404, `There is no ${path}.`)
  response
    .writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    })
    .end(request.method === 'HEAD' ? undefined : content)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new HttpError(400, 'The address has an escape that stands for nothing.')
  }
}
