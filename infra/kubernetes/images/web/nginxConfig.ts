/**
 * Writes what nginx needs to answer as a Static Web App does, from a built app's `staticwebapp.config.json`: its routes,
 * headers, fallback and media types are written there and nowhere else. What nginx is not made to follow is refused.
 * Rules: https://learn.microsoft.com/azure/static-web-apps/configuration
 */

/** The part of `staticwebapp.config.json` that the store's apps use. */
export interface StaticWebAppConfig {
  routes?: Route[]
  navigationFallback?: { rewrite: string; exclude?: string[] }
  globalHeaders?: Record<string, string>
  mimeTypes?: Record<string, string>
  /** Where Static Web Apps sends those whom it keeps out. Here it is the app that asks people to sign in. */
  responseOverrides?: Record<string, unknown>
}

interface Route {
  route: string
  rewrite?: string
  redirect?: string
  statusCode?: number
  headers?: Record<string, string>
  /** Without Static Web Apps' sign-in the pages are open to everyone; what they show comes from the API, which asks. */
  allowedRoles?: string[]
  /** Where roles depend on the method, which is for the API to decide here; a route that does more may not name any. */
  methods?: string[]
}

/** One site of the image. Its texts may hold variables, `${NAME}`, that the image's start fills in. */
export interface Site {
  /** Sets this site's variables apart from another's: letters only. */
  name: string
  port: number
  /** Folder of the built app. */
  root: string
  /** Origin of the function app. */
  api: string
  /** What `/.auth/me` answers, as JSON. */
  signIn: string
  /** Origin of the server that has the pages below `/openid/`: the sign-in of the local cloud. */
  openId?: string
  /** Origins beside its own that the pages talk to, for the content security policy. */
  connectTo?: string
}

/** The configuration says something that nginx is not made to follow here; the message names it. */
export class UnsupportedConfigError extends Error {
  override name = 'UnsupportedConfigError'
}

/**
 * The `map` and `server` blocks of one site.
 * @throws {UnsupportedConfigError}
 */
export function nginxConfig(config: StaticWebAppConfig, site: Site): string {
  refuseUnknown(config)
  const { routes = [], navigationFallback, mimeTypes = {} } = config
  const headers = headersOf(config, site)
  const map = (variable: string, rules: Rule[], otherwise: string) =>
    `map $asked $${site.name}_${variable} {
${rules.map(([route, value]) => `  "~${pattern(route)}" "${value}";\n`).join('')}  default "${otherwise}";
}
`
  const rewrites = routes.flatMap(({ route, rewrite }): Rule[] => (rewrite ? [[route, rewrite]] : []))
  const excluded = (navigationFallback?.exclude ?? []).map((path): Rule => [path, ''])
  const types = Object.entries(mimeTypes).map(([ending, type]) => ` ${type} ${ending.slice(1)};`)
  const compressed = ['css', 'javascript', 'plain'].map((type) => `text/${type}`)

  return `# Made by nginxConfig.ts from staticwebapp.config.json.
${map('file', [...rewrites, ['/', '/index.html']], '$asked')}
${map('fallback', excluded, navigationFallback?.rewrite ?? '')}
${headers.map(({ variable, rules, value }) => map(variable, rules, value)).join('\n')}
server {
  listen ${site.port};
  root ${site.root};
  server_tokens off;
  absolute_redirect off;
  # Headers go by the address that was asked for; a fallback changes $uri. A file that is missing is not kept as missing.
  set $asked $uri;

  include /etc/nginx/mime.types;
  types {${types.join('')} }
  gzip on;
  gzip_vary on;
  gzip_types ${compressed.join(' ')} application/javascript application/json application/manifest+json image/svg+xml;
${headers.map(({ header, variable }) => `  add_header ${header} $${site.name}_${variable}${header === 'cache-control' ? '' : ' always'};`).join('\n')}

  location / {
    if ($request_method !~ ^(GET|HEAD)$) { return 405; }
    try_files $${site.name}_file $${site.name}_fallback =404;
  }
${routes.map(answer).join('')}  location = /staticwebapp.config.json { return 404; }
  location = /.auth/me {
    default_type application/json;
    add_header cache-control no-store;
    return 200 '${site.signIn}';
  }
  location /.auth/ { return 404; }
${site.openId ? proxy('/openid/', site.openId) : ''}

  # As in Static Web Apps: the API's answers keep their own headers, a body has at most 30 MB, an answer 45 seconds, and
  # nobody brings a principal along.
${proxy('/api/', site.api)}}
`
}

/** Passes what is below a path on to another server. */
const proxy = (path: string, to: string) => `  location ${path} {
    add_header x-none "";
    proxy_pass ${to};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header x-ms-client-principal "";
    proxy_buffering off;
    proxy_read_timeout 45s;
    client_max_body_size 30m;
  }
`

function refuseUnknown({ routes = [], ...config }: StaticWebAppConfig) {
  const refuse = (of: object, known: string[], place: string) => {
    const unknown = Object.keys(of).find((key) => !known.includes(key))
    if (unknown)
      throw new UnsupportedConfigError(`${place} has "${unknown}", which the web image does not follow.`)
  }
  const known = ['$schema', 'navigationFallback', 'globalHeaders', 'mimeTypes', 'responseOverrides']
  refuse(config, known, 'staticwebapp.config.json')
  for (const route of routes) {
    const onlyRoles = ['route', 'allowedRoles', 'methods']
    const forAllMethods = ['route', 'rewrite', 'redirect', 'statusCode', 'headers', 'allowedRoles']
    const api = route.methods && route.route.startsWith('/api/')
    refuse(route, api ? onlyRoles : forAllMethods, `The route ${route.route}`)
  }
}

type Rule = [route: string, value: string]

/** Each header with its value, and the values that routes give it; the first route that fits decides, as in Azure. */
function headersOf({ globalHeaders = {}, routes = [] }: StaticWebAppConfig, { connectTo }: Site) {
  const inLowerCase = (headers: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.replaceAll('"', '\\"')]),
    )
  const everywhere = inLowerCase(globalHeaders)
  const byRoute = routes.map(({ route, headers }) => ({ route, headers: inLowerCase(headers) }))
  const names = new Set(
    [everywhere, ...byRoute.map(({ headers }) => headers)].flatMap((headers) => Object.keys(headers)),
  )

  return [...names].map((header) => {
    let value = everywhere[header] ?? ''
    if (header === 'content-security-policy' && connectTo) {
      if (!value.includes("connect-src 'self'")) {
        throw new UnsupportedConfigError(
          "The content security policy has no connect-src 'self' to add the sign-in to.",
        )
      }
      value = value.replace("connect-src 'self'", `connect-src 'self' ${connectTo}`)
    }
    const rules = byRoute.map(({ route, headers }): Rule => [route, headers[header] ?? value])
    const differ = rules.some(([, ofRoute]) => ofRoute !== value)
    return { header, variable: header.replaceAll('-', '_'), value, rules: differ ? rules : [] }
  })
}

/** A route that is answered at once, with a redirect or a status. */
function answer({ route, redirect, statusCode }: Route): string {
  if (redirect) return `  location ~ ${pattern(route)} { return ${statusCode ?? 302} ${redirect}; }\n`
  return statusCode && statusCode !== 200 ? `  location ~ ${pattern(route)} { return ${statusCode}; }\n` : ''
}

/** A route as a regular expression: `*` for any characters, and `{a,b}` for one of several endings. */
const pattern = (route: string) =>
  `^${route
    .replaceAll(/[.+?^$()[\]|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll(/\{([^}]*)\}/g, (_, endings: string) => `(${endings.replaceAll(',', '|')})`)}$`
