/** The hooks of azure.yaml as a person's machine runs them, against stand-ins for `az` and `azd` on the PATH. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { commandLine } from '../../infra/hooks/tools.js'
import { root } from '../../local/root.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** What a stand-in answers, by the beginning of its arguments; anything else fails. */
type Answers = Record<string, unknown>

/**
 * A folder with stand-ins that write down how they are called. Its name has a space and more, as those of Windows do.
 * `az` is left out where it has no answers.
 */
function standIns(az: Answers | null, azdVersion = '1.31.2', others: Record<string, Answers> = {}) {
  const folder = join(mkdtempSync(join(tmpdir(), 'hooks-')), 'Program Files (x86)')
  folders.push(join(folder, '..'))
  mkdirSync(folder)
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  const azd = { version: `azd version ${azdVersion} (commit 0)`, 'env set': '' }
  for (const [name, answers] of Object.entries({ az, azd, ...others })) {
    if (!answers) continue
    if (process.platform === 'win32') writeWindowsStandIn(folder, name, answers, calls)
    else writeStandIn(folder, name, answers, calls)
  }
  return { folder, calls: () => readFileSync(calls, 'utf8') }
}

const textOf = (answer: unknown) => (typeof answer === 'string' ? answer : JSON.stringify(answer))
const inQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** A shell starts in a tenth of the time that Node takes, and each hook calls some ten programs. */
function writeStandIn(folder: string, name: string, answers: Answers, calls: string) {
  const cases = Object.entries(answers).map(
    ([begin, answer]) => `${inQuotes(begin)}*) printf '%s\\n' ${inQuotes(textOf(answer))} ;;\n`,
  )
  const script = `#!/bin/sh
printf '%s\\n' "${name} $*" >> ${inQuotes(calls)}
case "$*" in
${cases.join('')}*) exit 1 ;;
esac
`
  writeFileSync(join(folder, name), script)
  chmodSync(join(folder, name), 0o755)
}

function writeWindowsStandIn(folder: string, name: string, answers: Answers, calls: string) {
  const script = join(folder, `${name}.cjs`)
  writeFileSync(
    script,
    `const { appendFileSync } = require('node:fs')
const line = process.argv.slice(2).join(' ')
appendFileSync(${JSON.stringify(calls)}, ${JSON.stringify(name)} + ' ' + line + '\\n')
const answers = ${JSON.stringify(answers)}
const key = Object.keys(answers).find((begin) => line.startsWith(begin))
if (key === undefined) process.exit(1)
console.log(typeof answers[key] === 'string' ? answers[key] : JSON.stringify(answers[key]))
`,
  )
  writeFileSync(join(folder, `${name}.cmd`), `@"${process.execPath}" "${script}" %*\r\n`)
}

/** Runs a hook, or Node with these arguments, where azd would: in the folder of its file. Nothing but the stand-ins is on the PATH. */
function run(hook: string | string[], path: string, env: Record<string, string> = {}, args: string[] = []) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const system =
      process.platform === 'win32' ? [join(process.env.SystemRoot ?? '', 'System32')] : ['/usr/bin', '/bin']
    const child = spawn(
      process.execPath,
      typeof hook === 'string' ? [join(root, 'infra', 'hooks', hook), ...args] : hook,
      {
        cwd: join(root, 'infra', 'hooks'),
        env: {
          SystemRoot: process.env.SystemRoot ?? '',
          PATH: [path, ...system].join(delimiter),
          STORE_NO_BROWSER: '1',
          ...env,
        },
      },
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.once('close', (code) => resolve({ code, output }))
  })
}

const account = { name: 'Pay as you go', user: { name: 'Ada@contoso.example', type: 'user' } }
const azure: Answers = {
  version: {},
  'account show': account,
  'functionapp list-flexconsumption-locations': [{ name: 'westeurope' }, { name: 'East US 2' }],
  'functionapp list-flexconsumption-runtimes': [{ version: '22' }, { version: '24' }],
  'cognitiveservices usage list': [
    { name: { value: 'OpenAI.GlobalStandard.gpt-5.4-mini' }, limit: 100, currentValue: 95 },
  ],
  'provider show': { registrationState: 'NotRegistered' },
}

describe.concurrent('preprovision', () => {
  test('with everything in place it says so, and remembers when the budget begins', async () => {
    const { folder, calls } = standIns(azure)
    const { code, output } = await run('preprovision.js', folder, { AZURE_LOCATION: 'eastus2' })
    expect(output).toMatch(/✓ azd 1\.31\.2[\s\S]*✓ eastus2 has Flex Consumption[\s\S]*✓ eastus2 has Node 24/)
    expect(code).toBe(0)
    expect(calls()).toMatch(/azd env set BUDGET_START \d{4}-\d\d-01/)
    expect(calls()).toContain('azd env set SIMULATION_ENABLED false')
  })

  test('everything that is wrong is said at once, with its cure', async () => {
    const { folder } = standIns(azure, '1.20.0')
    const { code, output } = await run('preprovision.js', folder, {
      AZURE_LOCATION: 'centralus',
      TEXT_MODEL: 'gpt-5.4-mini',
      IMAGE_MODEL: 'gpt-image-2',
      NETWORK: 'private',
    })
    expect(output).toMatch(/✗ azd 1\.20\.0: 1\.25\.6 or newer/)
    expect(output).toMatch(/✗ centralus has no Flex Consumption: azd env set AZURE_LOCATION/)
    expect(output).toMatch(/✗ gpt-5\.4-mini: 5 of the quota left, 10 needed: azd env set MODEL_CAPACITY 5/)
    expect(output).toMatch(/✗ centralus does not offer gpt-image-2/)
    expect(output).toMatch(/✗ Microsoft\.App is not registered: az provider register/)
    expect(output).toContain('5 of these must be put right first')
    expect(code).toBe(1)
  })

  test('a region without Node 24 gets 22; with a rate there is a simulation to deploy', async () => {
    const { folder, calls } = standIns({
      ...azure,
      'functionapp list-flexconsumption-runtimes': [{ version: '22' }],
    })
    const env = { AZURE_LOCATION: 'westeurope', ORDERS_PER_HOUR: '120', BUDGET_START: '2026-01-01' }
    const { code, output } = await run('preprovision.js', folder, env)
    expect([code, output]).toEqual([0, expect.stringContaining('westeurope has no Node 24 yet')])
    expect(calls()).toContain('azd env set NODE_VERSION 22')
    expect(calls()).toContain('azd env set SIMULATION_ENABLED true')
    expect(calls()).not.toContain('BUDGET_START')
  })

  test('without az, or signed out, it goes on and says what is not checked', async () => {
    expect((await run('preprovision.js', standIns(null).folder)).output).toContain('! az is not installed')
    const signedOut = await run('preprovision.js', standIns({ version: {} }).folder)
    expect([signedOut.code, signedOut.output]).toEqual([0, expect.stringContaining('! az is not signed in')])
  })
})

describe.concurrent('with HOSTING=aks', () => {
  const tools = { kubectl: { version: {} }, kubelogin: { '--version': {} }, helm: { version: {} } }
  const env = {
    AZURE_LOCATION: 'eastus2',
    HOSTING: 'aks',
    STORE_HOST: 'store.example.com',
    ADMIN_HOST: 'admin.example.com',
    ENTRA_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
  }

  test('preprovision asks for the tools and settings of a cluster before anything is made', async () => {
    const { folder } = standIns(azure, '1.31.2', { kubectl: tools.kubectl })
    const { code, output } = await run('preprovision.js', folder, {
      ...env,
      STORE_HOST: '',
      NETWORK: 'private',
    })
    expect(output).toContain('✓ kubectl, for the cluster')
    expect(output).toMatch(/✗ kubelogin is missing, which HOSTING=aks needs: az aks install-cli/)
    expect(output).toMatch(/✗ helm is missing/)
    expect(output).toMatch(/✗ STORE_HOST is not set/)
    expect(output).toMatch(/✗ NETWORK=private goes with HOSTING=functions only/)
    expect(code).toBe(1)
  })

  test('preprovision tells azd that there are no function apps to deploy', async () => {
    const { folder, calls } = standIns(azure, '1.31.2', tools)
    const { code, output } = await run('preprovision.js', folder, { ...env, ORDERS_PER_HOUR: '60' })
    expect([code, output]).toEqual([0, expect.stringContaining('✓ helm, for the cluster')])
    expect(calls()).toContain('azd env set FUNCTIONS_ENABLED false')
    expect(calls()).toContain('azd env set SIMULATION_ENABLED false')
  })
})

// Building what the images copy is `npm run kubernetes:stage`, and left out here.
describe.concurrent('the way onto the cluster', () => {
  const clientIds = { store: '1', admin: '2', makeline: '3', keda: '5' }
  const env = {
    AZURE_RESOURCE_GROUP: 'rg-test',
    AZURE_SUBSCRIPTION_ID: 'sub-1',
    AKS_CLUSTER: 'aks-test',
    AZURE_CONTAINER_REGISTRY_ENDPOINT: 'crtest.azurecr.io',
    CHART_VALUES: JSON.stringify({ settings: {}, roles: {}, workloadIdentity: { clientIds, keda: '5' } }),
    ENTRA_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
  }
  const deploy = (path: string) => {
    const file = pathToFileURL(join(root, 'infra', 'hooks', 'cluster.js'))
    const script = `const { deployToCluster } = await import('${file}'); await deployToCluster(async () => {})`
    return run(['--input-type=module', '--eval', script], path, env)
  }
  const az: Answers = { 'acr build': '', 'aks get-credentials': '', 'account show': { tenantId: 'tenant-1' } }
  const others = { kubelogin: { 'convert-kubeconfig': '' }, helm: { 'upgrade --install': '', test: '' } }

  test('builds the images, signs in to the cluster, installs the chart and places an order, in this order', async () => {
    const { folder, calls } = standIns(az, '1.31.2', others)
    const { code, output } = await deploy(folder)
    expect([code, output]).toEqual([0, expect.stringContaining('✓ An order got into the line')])
    const [functions = '', web = '', ...rest] = calls().trim().split('\n')
    const images = ['functions', 'web'].map((image) =>
      join('infra', 'kubernetes', 'images', image, 'Dockerfile'),
    )
    for (const [at, call] of [functions, web].entries()) {
      expect(call).toMatch(
        /^az acr build --registry crtest --image store-(functions|web):\d{14} --subscription sub-1 /,
      )
      expect(call).toContain(`--file ${images[at]} .`)
      expect(existsSync(join(root, images[at] ?? ''))).toBe(true)
    }
    const [credentials, login, account, install = '', order] = rest
    expect(credentials).toMatch(
      /^az aks get-credentials --name aks-test --resource-group rg-test --subscription sub-1 /,
    )
    expect(login).toBe('kubelogin convert-kubeconfig --login azurecli')
    expect(account).toMatch(/^az account show /)
    expect(install).toMatch(
      /^helm upgrade --install store .* --namespace store --create-namespace .* --wait /,
    )
    expect(order).toBe('helm test store --namespace store')
    const [chart = '', profile = ''] =
      /store (\S+) --namespace .* --values (\S+) --values/.exec(install)?.slice(1) ?? []
    expect([existsSync(join(chart, 'Chart.yaml')), existsSync(profile)]).toEqual([true, true])
    // Neither the sign-in to the cluster nor the values are left behind.
    const left = /--values (\S+values\.json)/.exec(install)?.[1]
    expect([left === undefined, existsSync(String(left))]).toEqual([false, false])
  })

  test('what fails is named with what it said, and nothing is done after it', async () => {
    const { folder, calls } = standIns({ 'acr build': '' }, '1.31.2', others)
    const { code, output } = await deploy(folder)
    expect([code, output]).toEqual([1, expect.stringContaining('✗ az aks get-credentials failed')])
    expect(calls()).not.toMatch(/kubelogin|helm/)
  })
})

test.concurrent('az is asked about the subscription of the environment, whatever its own is', async () => {
  const { folder, calls } = standIns(azure)
  const env = { AZURE_LOCATION: 'westeurope', AZURE_SUBSCRIPTION_ID: 'sub-1', TEXT_MODEL: 'gpt-5.4-mini' }
  await run('preprovision.js', folder, env)
  await run('postprovision.js', folder, { ...env, ADMIN_URL: 'https://a.example', ADMIN_WEB_APP: 'swa' })
  const asked = calls()
    .split('\n')
    .filter((line) => /^az (?!version)/.test(line))
  expect(asked.length).toBeGreaterThan(4)
  expect(asked.filter((line) => !line.includes(' --subscription sub-1 '))).toEqual([])
})

test.concurrent('before the region is chosen nothing is said of it', async () => {
  const { code, output } = await run('preprovision.js', standIns(azure).folder)
  expect([code, output]).toEqual([0, expect.stringContaining('! The region is not chosen yet')])
})

test.concurrent.each([['not json'], [{}], [null], [[{}]]])(
  'an answer of az like %j breaks no hook',
  async (answer) => {
    const odd = Object.fromEntries(Object.keys(azure).map((key) => [key, key === 'version' ? {} : answer]))
    const env = { AZURE_LOCATION: 'westeurope', TEXT_MODEL: 'gpt-5.4-mini', ADMIN_URL: 'https://a.example' }
    for (const account of [answer, azure['account show']])
      for (const hook of ['preprovision.js', 'postprovision.js']) {
        const az = { ...odd, 'account show': account, 'staticwebapp users': answer }
        const { output } = await run(hook, standIns(az).folder, env)
        expect(output).not.toMatch(/TypeError|at file:/)
        expect(output).toMatch(/^[✓!✗] /m)
      }
  },
)

test.concurrent('where azd keeps nothing the hook says so, and what azd said', async () => {
  const { folder } = standIns(azure, '1.31.2', { azd: { version: 'azd version 1.31.2' } })
  const { code, output } = await run('preprovision.js', folder, { AZURE_LOCATION: 'westeurope' })
  expect([code, output]).toEqual([1, expect.stringContaining('✗ azd env set SIMULATION_ENABLED failed: ')])
  expect(output).not.toContain('at file:')
})

describe.concurrent('postprovision', () => {
  const env = {
    AZURE_RESOURCE_GROUP: 'rg-test',
    ADMIN_WEB_APP: 'swa-admin',
    ADMIN_URL: 'https://admin.example',
  }
  const invited: Answers = {
    ...azure,
    'staticwebapp users list': [],
    'staticwebapp users invite': { invitationUrl: 'https://admin.example/invite?token=1' },
  }

  test('whoever ran it is invited with the role admin, and shown the link', async () => {
    const { folder, calls } = standIns(invited)
    const { code, output } = await run('postprovision.js', folder, env)
    expect([code, output]).toEqual([0, expect.stringContaining('https://admin.example/invite?token=1')])
    expect(calls()).toMatch(
      /users invite .*--user-details Ada@contoso\.example --roles admin --domain admin\.example/,
    )
  })

  test('a personal account is invited by its address', async () => {
    const user = { name: 'live.com#ada@outlook.example', type: 'user' }
    const { folder, calls } = standIns({ ...invited, 'account show': { name: 'x', user } })
    await run('postprovision.js', folder, env)
    expect(calls()).toContain('--user-details ada@outlook.example ')
  })

  test.skipIf(process.platform === 'win32')(
    'a browser that stays open holds nothing up',
    async () => {
      const { folder, calls } = standIns(invited)
      for (const name of ['xdg-open', 'open']) {
        writeFileSync(
          join(folder, name),
          `#!/bin/sh\necho "opened $1" >> "${join(folder, 'calls')}"\nexec sleep 20\n`,
        )
        chmodSync(join(folder, name), 0o755)
      }
      const { code } = await run('postprovision.js', folder, { ...env, STORE_NO_BROWSER: '' })
      expect(code).toBe(0)
      await vi.waitFor(() => expect(calls()).toContain('opened https://admin.example/invite?token=1'), 5_000)
    },
    15_000,
  )

  test('an employee is not invited again', async () => {
    const users = [{ displayName: 'ada@contoso.example', roles: 'admin,anonymous,authenticated' }]
    const { folder, calls } = standIns({ ...invited, 'staticwebapp users list': users })
    expect((await run('postprovision.js', folder, env)).output).toContain(
      '✓ Ada@contoso.example is an employee',
    )
    expect(calls()).not.toContain('invite')
  })

  test('a pipeline, a machine without az and a refusal are told how it is done by hand', async () => {
    const pipeline = {
      ...invited,
      'account show': { name: 'x', user: { name: 'id', type: 'servicePrincipal' } },
    }
    const { 'staticwebapp users invite': _, ...refused } = invited
    for (const az of [pipeline, null, refused]) {
      const { code, output } = await run('postprovision.js', standIns(az).folder, env)
      expect([code, output]).toEqual([
        0,
        expect.stringContaining('In the portal: swa-admin > Role management'),
      ])
    }
  })
})

describe.concurrent('postdeploy', () => {
  /** A deployed store in one server: it answers the second time it is asked, and its makeline takes two looks. */
  async function store({ makeline = true, refusals = 0 } = {}) {
    let asked = 0
    let looks = 0
    const keys = new Set<unknown>()
    const server = createServer((request, response) => {
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (request.url === '/api/health') return asked++ ? answer(200, { status: 'ok' }) : answer(503, {})
      if (request.url === '/api/products') return answer(200, [{ id: 4, price: 11.99 }])
      if (request.method === 'POST') keys.add(request.headers['idempotency-key'])
      if (request.method === 'POST' && refusals-- > 0) return answer(503, {})
      if (request.method === 'POST') return answer(201, { orderId: 'o1', state: 'placed' })
      return answer(200, { orderId: 'o1', state: makeline && looks++ ? 'pending' : 'placed' })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { url, keys, close: () => server.close() }
  }

  const at = (url: string, seconds = '5') => ({
    STORE_URL: url,
    ADMIN_URL: url,
    MAKELINE_APP: 'func-makeline',
    AZURE_RESOURCE_GROUP: 'rg-test',
    STORE_PATIENCE_SECONDS: seconds,
  })

  test('waits for every app, sees an order through to the line and prints the addresses', async () => {
    const { url, close } = await store()
    const { code, output } = await run('postdeploy.js', standIns(azure).folder, at(url))
    close()
    expect(output).toMatch(/✓ The store answers[\s\S]*✓ The admin answers[\s\S]*✓ The makeline took order o1/)
    expect(output).toContain(`Store   ${url}`)
    expect(code).toBe(0)
  })

  test('an order that is refused at first is placed again under the same key', async () => {
    const { url, keys, close } = await store({ refusals: 2 })
    const { code, output } = await run('postdeploy.js', standIns(azure).folder, at(url))
    close()
    expect([code, output]).toEqual([0, expect.stringContaining('✓ The store takes an order')])
    expect(keys.size).toBe(1)
  })

  test('a makeline without functions is named, with the cure', async () => {
    const { url, close } = await store({ makeline: false })
    const { folder } = standIns({ ...azure, 'functionapp function list': [] })
    const { code, output } = await run('postdeploy.js', folder, at(url, '5'))
    close()
    expect(output).toMatch(
      /it is still "placed"\. The app func-makeline shows no functions.*azd deploy makeline/,
    )
    expect(code).toBe(1)
  })

  test('an app that never answers ends the wait with what it answered', async () => {
    const { code, output } = await run('postdeploy.js', standIns(azure).folder, at('http://127.0.0.1:1', '1'))
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/Waited 1 s until the store answers: its answer is /),
    ])
  })
})

test.concurrent('the profile "team" sets what it differs in, and leaves the address of the team to a person', async () => {
  const { folder, calls } = standIns(null)
  const { code, output } = await run('profile.js', folder, {}, ['team'])
  expect(code).toBe(0)
  expect(calls()).toMatch(
    /env set ALWAYS_READY 1[\s\S]*env set NETWORK private[\s\S]*env set ZONE_REDUNDANT true/,
  )
  expect(output).toContain('ALERT_EMAIL is yours to set')
})

test('on Windows a program in a folder with spaces is one word of the command line, as is each argument', () => {
  expect(commandLine('az', ['account', 'show', 'a "b"'])).toBe('az "account" "show" "a \\"b\\""')
  expect(commandLine('C:\\Program Files\\nodejs\\node.exe', ['local\\bootstrap\\run.mjs', 'a b'])).toBe(
    '"C:\\Program Files\\nodejs\\node.exe" "local\\bootstrap\\run.mjs" "a b"',
  )
})
