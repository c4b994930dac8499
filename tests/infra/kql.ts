/** Microsoft's own parser of KQL, with the tables of Log Analytics that Application Insights writes to. */
import { createRequire } from 'node:module'

/** Columns, from "Azure Monitor Logs reference" (learn.microsoft.com/azure/azure-monitor/reference/tables). */
const shared =
  'TimeGenerated: datetime, OperationId: string, OperationName: string, ParentId: string, AppRoleName: string, AppRoleInstance: string, AppVersion: string, ItemCount: int, Properties: dynamic, Measurements: dynamic, ResourceGUID: string, SDKVersion: string, ClientType: string, Type: string, _ResourceId: string'
const tables: Record<string, string> = {
  AppRequests:
    'Id: string, Name: string, Url: string, Source: string, Success: bool, ResultCode: string, DurationMs: real, PerformanceBucket: string',
  AppDependencies:
    'Id: string, Name: string, Target: string, DependencyType: string, Data: string, Success: bool, ResultCode: string, DurationMs: real, PerformanceBucket: string',
  AppMetrics: 'Name: string, Sum: real, Min: real, Max: real',
  AppEvents: 'Name: string',
  AppTraces: 'Message: string, SeverityLevel: int',
  AppExceptions: 'ProblemId: string, ExceptionType: string, OuterMessage: string, SeverityLevel: int',
}

interface Diagnostic {
  Severity: string
  Code: string
  Message: string
}

/** What the parser has against a query, one line a fault. */
export function kqlFaults(query: string): string[] {
  const { Kusto } = load()
  const { Symbols } = Kusto.Language
  const symbols = Object.entries(tables).map(([name, columns]) =>
    Symbols.TableSymbol.From(`(${shared}, ${columns})`).WithName(name),
  )
  const database = new Symbols.DatabaseSymbol.$ctor3('workspace', null, symbols, false)
  const globals = Kusto.Language.GlobalState.Default.WithDatabase(database)
  const found = Kusto.Language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics()
  const faults: string[] = []
  for (let at = 0; at < found.Count; at++) {
    const { Code, Message } = found.getItem(at) as Diagnostic
    faults.push(`${Code} ${Message}`)
  }
  return faults
}

// biome-ignore lint/suspicious/noExplicitAny: its own types are those of the .NET library that it was compiled from.
let loaded: any

function load() {
  const require = createRequire(import.meta.url)
  if (!loaded) {
    require('@kusto/language-service-next/bridge.min.js')
    require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
    loaded = globalThis
  }
  return loaded
}
