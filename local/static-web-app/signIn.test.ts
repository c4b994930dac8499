import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import signIn from './signIn.ts'

/** Where the page goes after a sign-in that was asked for with this way back. */
async function wentTo(wanted: string): Promise<string> {
  const context = { bindingData: { provider: 'aad' }, res: {} as { body?: string } }
  await signIn(context)
  const script = /<script>([\s\S]*)<\/script>/.exec(context.res.body ?? '')?.[1] ?? ''
  const origin = 'http://localhost:4281'
  const search = `?${new URLSearchParams({ post_login_redirect_uri: wanted })}`
  const location = { href: `${origin}/.auth/login/aad${search}`, origin, search }
  let submit: (event: object) => void = () => {}
  const document = {
    cookie: '',
    querySelector: () => ({
      addEventListener: (_: string, listener: typeof submit) => {
        submit = listener
      },
    }),
  }
  const fields = new Map([
    ['userDetails', 'ann'],
    ['userRoles', 'admin'],
  ])
  /** Called with `new`, which gives what it returns. */
  function FormData() {
    return fields
  }
  runInContext(
    script,
    createContext({ document, location, FormData, URL, URLSearchParams, TextEncoder, btoa }),
  )
  submit({ preventDefault() {} })
  return String(location.href)
}

test('whoever signs in goes back to where they were', async () => {
  expect(await wentTo('/orders?state=pending')).toBe('http://localhost:4281/orders?state=pending')
})

test.each(['//evil.example', '/\t/evil.example', '/\\evil.example', 'https://evil.example', 'javascript:1'])(
  'and not to %j',
  async (wanted) => {
    expect(await wentTo(wanted)).toBe('/')
  },
)
