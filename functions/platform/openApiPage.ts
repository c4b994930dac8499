/** The OpenAPI document as a page to read: plain HTML with no script and nothing from elsewhere. */
import type { OpenApi, OpenApiOperation } from './openApi.ts'

/** Writes the page. */
export function openApiPage({ info, tags, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    return `<section><h2>${escapeHtml(name)}</h2>${own.map(operationHtml).join('')}</section>`
  })
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary>${escapeHtml(name)}</summary>${json(schema)}</details>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} API</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(info.title)} API <small>${escapeHtml(info.version)}</small></h1>
<p>${escapeHtml(info.description)} <a href="openapi.json">openapi.json</a></p>
${sections.join('\n')}
<section><h2>schemas</h2>${schemas.join('')}</section>
</body>
</html>
`
}

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string
  method: string
  operation: OpenApiOperation
}) {
  const { operationId, summary, description, security, parameters, requestBody, responses } = operation
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${parameter.in}</td><td>${escapeHtml(parameter.description ?? JSON.stringify(parameter.schema))}</td></tr>`,
  )
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `<tr><td><code>${status}</code></td><td>${escapeHtml(answer.description)}</td><td>${contentHtml(answer.content)}</td></tr>`,
  )
  return `<details id="${escapeHtml(operationId)}">
<summary><code class="${method}">${method.toUpperCase()}</code> <code>/api${escapeHtml(path)}</code> ${escapeHtml(summary)}${security ? ' <em>admin</em>' : ''}</summary>
${description ? `<p>${escapeHtml(description)}</p>` : ''}
${rows.length ? `<h3>Parameters</h3><table>${rows.join('')}</table>` : ''}
${requestBody ? `<h3>Body</h3>${contentHtml(requestBody.content)}` : ''}
<h3>Answers</h3><table>${answers.join('')}</table>
</details>`
}

function contentHtml(content: Record<string, { schema?: unknown }> = {}): string {
  return Object.entries(content)
    .map(([type, { schema }]) => `<code>${escapeHtml(type)}</code> ${schemaHtml(schema)}`)
    .join('<br>')
}

function schemaHtml(schema: unknown): string {
  const { $ref, type, items } = (schema ?? {}) as { $ref?: string; type?: string; items?: unknown }
  if ($ref) {
    const name = escapeHtml($ref.split('/').pop() ?? '')
    return `<a href="#schema-${name}">${name}</a>`
  }
  if (type === 'array') return `list of ${schemaHtml(items)}`
  return schema ? json(schema) : ''
}

const json = (value: unknown) => `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
h2 { text-transform: capitalize }
h3 { font-size: 1rem; margin: .75rem 0 .25rem }
details { border: 1px solid #8886; border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem }
details:target { border-color: currentColor }
summary { cursor: pointer }
summary em { font-size: .8rem; border: 1px solid; border-radius: 1rem; padding: 0 .5rem }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #8886; padding: .25rem .5rem; vertical-align: top; overflow-wrap: anywhere }
pre { overflow: auto; margin: 0; font-size: .85rem }
.get { color: light-dark(#0b6, #4d9) } .post { color: light-dark(#06c, #6bf) }
.put { color: light-dark(#a60, #fb5) } .delete { color: light-dark(#b22, #f77) }
`
