/**
 * The host's log: a line an event, with its time, its level where it matters, and the function it belongs to, filtered
 * by the categories of `host.json` and coloured when a person reads it.
 */
import type { LogLevel } from './rpc.ts'

const severity: Record<LogLevel, number> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
}

const colour: Record<LogLevel, string> = {
  trace: '\x1b[90m',
  debug: '\x1b[90m',
  information: '',
  warning: '\x1b[33m',
  error: '\x1b[31m',
  critical: '\x1b[1;31m',
  none: '',
}

const functionColours = ['\x1b[36m', '\x1b[35m', '\x1b[34m', '\x1b[32m', '\x1b[96m', '\x1b[95m']

export interface Logger {
  /** `category` as in `host.json`: `Host.Startup`, `Function.NAME`, `Function.NAME.User`. */
  write(level: LogLevel, category: string, message: string): void
  /** Whether a line of this level and category would be written: ask before composing an expensive one. */
  enabled(level: LogLevel, category: string): boolean
}

/** A logger that writes lines through `write`; `levels` is `logging.logLevel` of `host.json`. */
export function createLogger(
  levels: Record<string, LogLevel>,
  { write, coloured }: { write(line: string): void; coloured: boolean },
): Logger {
  const thresholds = new Map<string, number>()
  const threshold = (category: string) => {
    let known = thresholds.get(category)
    if (known === undefined) {
      known = severity[levelFor(category, levels)] ?? severity.information
      thresholds.set(category, known)
    }
    return known
  }
  const paint = (code: string, text: string) => (coloured && code ? `${code}${text}\x1b[0m` : text)

  const enabled = (level: LogLevel, category: string) =>
    level !== 'none' && severity[level] >= threshold(category)

  return {
    enabled,
    write(level, category, message) {
      if (!enabled(level, category)) return
      const time = paint('\x1b[90m', `[${new Date().toISOString()}]`)
      const name = functionOf(category)
      const origin = name ? `${paint(functionColours[hash(name) % functionColours.length] ?? '', name)} ` : ''
      const mark = severity[level] >= severity.warning ? `${level}: ` : ''
      write(`${time} ${origin}${paint(colour[level], mark + message)}\n`)
    },
  }
}

/** The level of the longest category of `levels` that `category` lies in. */
function levelFor(category: string, levels: Record<string, LogLevel>): LogLevel {
  let prefix = category
  while (prefix) {
    const level = levels[prefix]
    if (level) return level
    prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))
  }
  return levels.default ?? 'information'
}

function functionOf(category: string): string | undefined {
  return category.startsWith('Function.') ? category.split('.')[1] : undefined
}

function hash(text: string): number {
  let value = 0
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) >>> 0
  return value
}

/** Writes the lines of a turn in one go: each write stops the process until the reader's end of the pipe has it. */
export function standardOutput() {
  const coloured = process.stdout.isTTY === true || process.env.FORCE_COLOR === '1'
  let lines = ''
  const flush = () => {
    if (lines) process.stdout.write(lines)
    lines = ''
  }
  process.once('exit', flush)
  return {
    write(line: string) {
      if (!lines) setImmediate(flush)
      lines += line
    },
    coloured: coloured && !process.env.NO_COLOR,
  }
}
