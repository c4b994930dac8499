/** The cookie by which the emulator knows who is signed in: base64 of a principal in JSON, which anyone can write. */

const cookieName = 'StaticWebAppsAuthCookie'

/**
 * A `Cookie` header with the sign-in only if it is one that the emulator can read: it ends on any other. Cookies of its
 * custom sign-in, which is not used here, go too.
 */
export function withoutForgedSignIn(header: string): string {
  let signIn: string | undefined
  const others: string[] = []
  for (const pair of header.split(';').map((text) => text.trim())) {
    const [name = '', value = ''] = pair.split(/=(.*)/s).map((text) => text.trim())
    if (!name.startsWith('StaticWebAppsAuth')) others.push(pair)
    else if (name === cookieName) signIn ??= readPrincipal(value)
  }
  return [...others, ...(signIn ? [`${cookieName}=${signIn}`] : [])].join('; ')
}

/** The cookie's value, written anew from what was read. */
function readPrincipal(value: string): string | undefined {
  try {
    const principal = JSON.parse(Buffer.from(decodeURIComponent(value), 'base64').toString('utf8'))
    const roles: unknown = principal?.userRoles
    if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) return undefined
    return Buffer.from(JSON.stringify(principal)).toString('base64')
  } catch {
    return undefined
  }
}
