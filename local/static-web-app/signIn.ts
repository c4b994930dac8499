/**
 * GET /.auth/login/{provider}, in place of the emulator's own page: whoever signs in says who they are and which roles
 * they have. The answer is the emulator's cookie. Field ids and the button's name are those of the emulator's page.
 */
interface Context {
  bindingData?: { provider?: string }
  res: unknown
}

export default async function signIn(context: Context): Promise<void> {
  context.res = {
    status: 200,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
    body: page(context.bindingData?.provider ?? 'aad'),
  }
}

/** The route takes letters and digits only as a provider, so it needs no escaping. */
const page = (provider: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Local sign-in</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { display: grid; place-items: center; min-height: 100dvh; margin: 0; padding: 1rem; box-sizing: border-box; background: light-dark(#f1ece1, #0b1823) }
  form { display: grid; gap: 1rem; width: min(22rem, 100%); padding: 1.5rem; box-sizing: border-box; border-radius: 1rem; background: light-dark(#fff, #152a3a); color: light-dark(#15293a, #f5ecdc) }
  h1 { margin: 0; font-size: 1.25rem }
  p { margin: 0; font-size: .875rem }
  label { display: grid; gap: .25rem; font-weight: 600; font-size: .875rem }
  input, textarea { font: inherit; padding: .5rem .75rem; border: 1px solid #8b7f6a; border-radius: .5rem; background: transparent; color: inherit }
  button { font: inherit; font-weight: 600; padding: .6rem 1rem; border: 0; border-radius: 2rem; background: #17587a; color: #fff; cursor: pointer }
</style>
<form>
  <h1>Local sign-in (${provider})</h1>
  <p>This page plays the identity provider on your machine. Be who you like.</p>
  <label>Username <input id="userDetails" name="userDetails" value="sailor@contoso.example" required></label>
  <label>Roles, one a line <textarea id="userRoles" name="userRoles" rows="3">admin</textarea></label>
  <button id="submit">Login</button>
</form>
<script>
  document.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault()
    const fields = new FormData(event.target)
    const userDetails = fields.get('userDetails')
    const roles = fields.get('userRoles').split(/\\s+/).filter(Boolean)
    const principal = {
      identityProvider: '${provider}',
      userId: Array.from(new TextEncoder().encode(userDetails), (byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, 32),
      userDetails,
      userRoles: [...new Set([...roles, 'anonymous', 'authenticated'])],
      claims: [],
    }
    const bytes = new TextEncoder().encode(JSON.stringify(principal))
    document.cookie = 'StaticWebAppsAuthCookie=' + btoa(String.fromCharCode(...bytes)) + '; path=/'
    const wanted = new URLSearchParams(location.search).get('post_login_redirect_uri')
    const target = new URL(wanted || '/', location.href)
    location.href = target.origin === location.origin ? target : '/'
  })
</script>
</html>
`
