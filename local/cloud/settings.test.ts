import { expect, test, vi } from 'vitest'
import { choosePorts, PortsTakenError } from './ports.ts'
import { localSettings } from './settings.ts'

test('settings hold the sample’s values, with the addresses of the servers that run', async () => {
  const ports = await choosePorts({})
  const settings = localSettings(ports, { ownFile: false })
  expect(settings.AUTH).toBe('swa')
  expect(settings.CosmosConnection).toContain(`AccountEndpoint=http://127.0.0.1:${ports.cosmos}/;`)
  expect(settings.ServiceBusConnection).toContain(`Endpoint=sb://localhost:${ports['service-bus']};`)
  expect(settings.AzureWebJobsStorage).toContain(`BlobEndpoint=http://127.0.0.1:${ports.blob}/`)
})

test('every server gets a port of its own', async () => {
  const ports = await choosePorts({})
  expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length)
})

test('a port that somebody listens on is refused, by its name', async () => {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  try {
    await expect(choosePorts({ api: port })).rejects.toThrow(PortsTakenError)
    await expect(choosePorts({ api: port })).rejects.toThrow(`Port ${port} (Functions host) is taken.`)
  } finally {
    server.close()
  }
})

test('a variable of the environment comes before the settings file, and never into tests', async () => {
  const ports = await choosePorts({})
  vi.stubEnv('AUTH', 'none')
  try {
    expect(localSettings(ports).AUTH).toBe('none')
    expect(localSettings(ports, { ownFile: false }).AUTH).toBe('swa')
  } finally {
    vi.unstubAllEnvs()
  }
})
