/**
 * Where the emulator sends whoever signs out. It writes the wish behind its own address as it is: ".evil.example" makes
 * another host of that, and what no header can have ends the answer. Azure goes to pages of the site only.
 */

const wish = 'post_logout_redirect_uri'

/**
 * The address of a request with the page that it wishes to go back to written as a path; null where that is a page of
 * another site, or none.
 * @param url as the request has it: a path with its query.
 */
export function withWayBack(url: string, host: string): string | null {
  if (!/^\/\.auth\//i.test(url)) return url
  const site = `http://${host}`
  const asked = new URL(url, site)
  const wanted = asked.searchParams.get(wish)
  if (!wanted) return url
  const page = URL.parse(wanted, site)
  if (page?.host !== asked.host || !/^https?:$/.test(page.protocol)) return null
  asked.searchParams.set(wish, page.pathname + page.search + page.hash)
  return asked.pathname + asked.search
}
