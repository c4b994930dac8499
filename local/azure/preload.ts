/** Loaded before an app (`node --import`), so that not one of its settings has to be changed; see `redirect.ts`. */
import { redirectToFront } from './redirect.ts'

/** What the process tells the rehearsal. */
export interface Told {
  /** Its environment as it found it. */
  readonly environment?: Record<string, string>
  /** It wanted to connect to a host that there is not. */
  readonly unknownHost?: string
}

const tell = (told: Told) => process.send?.(told, () => {})

tell({ environment: { ...process.env } as Record<string, string> })
redirectToFront(JSON.parse(new URL(import.meta.url).searchParams.get('route') ?? '{}'), (unknownHost) =>
  tell({ unknownHost }),
)
