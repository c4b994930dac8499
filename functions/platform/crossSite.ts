/**
 * Whether a request may change something. A browser sends the cookie of a sign-in also with what another site's page
 * asks of it; so a change is only taken from pages of the site itself, and from clients that are no browsers.
 */
import { ProblemError } from './problem.ts'

interface HeaderBag {
  get(name: string): string | null
}

/** What a form sends, and so any page may send without the browser asking first (Fetch, "CORS-safelisted request-header"). */
const ofForms = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Lets a request through unless a page of another site has it sent.
 * @param trusted further origins whose pages may change something, as the setting `TRUSTED_ORIGINS` has them.
 * @throws {ProblemError} 403 from another site; 415 a body as a form sends it, which no route takes.
 */
export function refuseCrossSite(method: string, headers: HeaderBag, trusted: ReadonlySet<string>): void {
  if (safe.has(method)) return
  if (!isOwn(headers, trusted)) throw new ProblemError(403, 'Pages of other sites may change nothing here.')
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (ofForms.has(type)) throw new ProblemError(415, `The body must be JSON (application/json), not ${type}.`)
}

function isOwn(headers: HeaderBag, trusted: ReadonlySet<string>): boolean {
  const site = headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return true
  const origin = headers.get('origin')
  // A client that is no browser says neither, and sends no cookie that it was not given.
  if (origin === null) return site === null
  if (trusted.has(origin)) return true
  // A browser that says the site knows better than a comparison of hosts, which cannot see a page without TLS.
  return site === null && hostsOf(headers).includes(URL.parse(origin)?.host ?? '')
}

/**
 * The hosts that the caller may have asked: that of the request, and those that a proxy in front says there were. A page
 * cannot set any of these headers for another site without the browser asking that site first.
 */
function hostsOf(headers: HeaderBag): (string | undefined)[] {
  return [
    headers.get('host') ?? undefined,
    headers.get('x-forwarded-host') ?? undefined,
    URL.parse(headers.get('x-ms-original-url') ?? '')?.host,
  ]
}
