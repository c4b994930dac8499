/**
 * Where to go back to after a sign-in: a path of this site, as a browser would read it, or null where it leads elsewhere.
 * A browser drops tabs and line ends and takes "\" for "/", so only its own reading tells.
 * @param origin the site's own.
 */
export function returnPath(wanted: string, origin: string): string | null {
  const url = wanted.startsWith('/') ? URL.parse(wanted, origin) : null
  if (url?.origin !== origin || url.pathname.startsWith('//')) return null
  return url.pathname + url.search + url.hash
}
