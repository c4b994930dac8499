/** Loaded before an app (`node --import`), so that not one of its settings has to be changed; see `redirect.ts`. */
import { redirectToFront } from './redirect.ts'

/** What the process tells the rehearsal. */
export interface Told {
  /** Its environment as it found it. */
  readonly environment?: Record<string, string>
  /** It wanted to connect to a host that there is not, or to a port that nothing has there. */
  readonly unknown?: { readonly host: string; readonly port?: number }
}

const tell = (told: Told) => process.send?.(told, () => {})

const { searchParams } = new URL(import.meta.url)
tell({ environment: { ...process.env } as Record<string, string> })
setClock(Number(searchParams.get('ahead') ?? 0))
redirectToFront(JSON.parse(searchParams.get('route') ?? '{}'), (host, port) =>
  tell({ unknown: { host, ...(port !== undefined && { port }) } }),
)

/** Sets the clock of this process alone off from the machine's. */
function setClock(ahead: number): void {
  if (ahead === 0) return
  const { now } = Date
  globalThis.Date = new Proxy(Date, {
    construct: (date, args, target) => Reflect.construct(date, args.length ? args : [now() + ahead], target),
    apply: (date) => new date(now() + ahead).toString(),
    get: (date, name, receiver) => (name === 'now' ? () => now() + ahead : Reflect.get(date, name, receiver)),
  })
}
