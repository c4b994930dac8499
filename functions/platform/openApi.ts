/** The OpenAPI 3.1 document, written from the contract's table of operations and its schemas. */
import { limits, Problem } from '@store/contract'
import {
  type Content,
  namedSchemas,
  type Operation,
  operations,
  problemsOf,
} from '@store/contract/operations'
import * as z from 'zod'

type Contents = Record<string, { schema?: unknown }>

/** The parts of an OpenAPI document that the app writes and its page reads. */
export interface OpenApi {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  paths: Record<string, Record<string, OpenApiOperation>>
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> }
}

export interface OpenApiOperation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security?: Record<string, string[]>[]
  parameters: { name: string; in: string; required: boolean; description?: string; schema: unknown }[]
  requestBody?: { required: boolean; content: Contents }
  responses: Record<string, { description: string; content?: Contents }>
}

/** Describes the operations that an instance has registered, by the names of their functions. */
export function openApi(registered: ReadonlySet<string>, version: string): OpenApi {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries({ ...namedSchemas, Problem })) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  })
  const names = new Map<unknown, string>(Object.entries(namedSchemas).map(([name, schema]) => [schema, name]))

  /** A reference to a schema that has a name, else the schema itself. */
  function schemaOf(schema: z.ZodType): unknown {
    const name = names.get(schema)
    if (name) return { $ref: `#/components/schemas/${name}` }
    if (schema instanceof z.ZodArray) return { type: 'array', items: schemaOf(schema.element as z.ZodType) }
    return bare(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  }

  const contentOf = (content: Content): Contents =>
    content instanceof z.ZodType
      ? { 'application/json': { schema: schemaOf(content) } }
      : Object.fromEntries(content.mediaTypes.map((type) => [type, {}]))

  function describe(operation: Operation): OpenApiOperation {
    const { name, service, summary, admin, body, bodyLimit = limits.body, answers } = operation
    return {
      operationId: name,
      tags: [service],
      summary,
      ...(body ? { description: `The body is at most ${bodyLimit / 1024} KiB.` } : {}),
      ...(admin ? { security: [{ signedIn: [] }] } : {}),
      parameters: parametersOf(operation),
      ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
      responses: {
        ...Object.fromEntries(
          Object.entries(answers).map(([status, content]) => [
            status,
            {
              description: reasons[Number(status)] ?? 'Success',
              ...(content ? { content: contentOf(content) } : {}),
            },
          ]),
        ),
        ...Object.fromEntries(
          problemsOf(operation).map((status) => [
            status,
            {
              description: reasons[status] ?? 'Error',
              content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
            },
          ]),
        ),
      },
    }
  }

  const described = operations.filter(({ name }) => registered.has(name))
  const paths: OpenApi['paths'] = {}
  for (const operation of described) {
    const path = `/${operation.route}`
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Contoso Pet Store',
      version,
      description:
        'Errors are problem documents (RFC 9457). Every answer has a header x-request-id, which the log has too.',
    },
    servers: [{ url: '/api' }],
    tags: [...new Set(described.map(({ service }) => service))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)])),
      securitySchemes: { signedIn: { type: 'http', scheme: 'bearer', description: 'Needs the role admin.' } },
    },
  }
}

function parametersOf({ route, query, headers = {} }: Operation): OpenApiOperation['parameters'] {
  const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: bare(z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' })),
  }))
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
  return [...inPath, ...inQuery, ...inHeader]
}

/** A schema without what says where it stands: the document does that. */
function bare({ $schema, $id, id, ...schema }: Record<string, unknown>): Record<string, unknown> {
  return schema
}

const reasons: Record<number, string> = {
  200: 'Success',
  201: 'Created',
  202: 'Accepted',
  204: 'Done',
  304: 'Not changed since',
  400: 'Not valid; names the fields at fault',
  401: 'Not signed in',
  403: 'Without the role admin',
  404: 'Does not exist',
  409: 'Not in a state that allows it',
  412: 'Changed in the meantime',
  413: 'Body too large',
  415: 'Wrong media type',
  422: 'Cannot be done as asked',
  429: 'Too many calls; try again later',
  500: 'Something went wrong',
  502: 'A dependency failed',
  503: 'A dependency does not answer; try again later',
  504: 'A dependency took too long',
}
