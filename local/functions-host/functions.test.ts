/** Which functions are refused at start, because Azure would refuse them or because this host cannot run them. */
import { expect, test } from 'vitest'
import { describeFunctions } from './functions.ts'
import type { HostConfig } from './hostConfig.ts'
import type { LoadedApp } from './loadApp.ts'
import type { Binding } from './rpc.ts'

function describe(name: string, trigger: Partial<Binding>, outputs: Record<string, Binding> = {}) {
  const bindings = { trigger: { type: 'httpTrigger', direction: 'in', ...trigger }, ...outputs }
  const functions = new Map([[name, { metadata: { name, bindings }, callback: () => {} }]])
  return describeFunctions({ functions } as unknown as LoadedApp, {} as HostConfig, {})
}

test.each([
  ['plain', {}],
  ['with-dash_and_9', {}],
  ['hosts', {}],
  ['adminOrders', { route: 'orders' }],
  ['orders', { route: 'the/admin' }],
  ['adminTimer', { type: 'timerTrigger' }],
])('a function "%s" with %j is taken', (name, trigger) => {
  expect(describe(name, trigger)).toMatchObject([{ name }])
})

test.each([
  ['dotted.name', {}, '"dotted.name" cannot name a function'],
  ['9lives', {}, '"9lives" cannot name a function'],
  ['host', {}, '"host" cannot name a function'],
  ['x'.repeat(129), {}, 'at most 128'],
  ['orders', { route: 'admin/orders' }, 'begins with "admin"'],
  ['orders', { route: 'Administration' }, 'begins with "Admin"'],
  // Azure/azure-docs#69447: it stops the whole app there.
  ['orders', { route: '/orders/{id}' }, 'write "orders/{id}"'],
  ['orders', { route: 'runtime' }, 'begins with "runtime"'],
  ['adminOrders', {}, 'give it another than "adminOrders"'],
  ['queue', { type: 'serviceBusTrigger', sdkBinding: true }, 'queue (serviceBusTrigger with sdkBinding)'],
  ['queue', { type: 'queueTrigger' }, 'queue (queueTrigger)'],
])('a function "%s" with %j is refused', (name, trigger, reason) => {
  expect(() => describe(name, trigger)).toThrow(reason)
})

test('an output of a kind that is not supported is refused', () => {
  expect(() => describe('save', {}, { blob: { type: 'blob', direction: 'out' } })).toThrow('save (blob)')
})
