/** The providers of models: who adds one writes its file, and a line here. */
import { azure } from './azure.ts'
import { local } from './local.ts'
import { openAi } from './openAi.ts'
import type { Provider } from './provider.ts'

const providers = { local, azure, openai: openAi }

export type ProviderKind = keyof typeof providers

export const providerKinds = Object.keys(providers) as ProviderKind[]

export const providerOf = (kind: ProviderKind) => providers[kind] as Provider<unknown>
