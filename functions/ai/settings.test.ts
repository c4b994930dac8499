import { describe, expect, test } from 'vitest'
import { capabilitiesOf, readAiSettings } from './settings.ts'

/** The settings and the names of those that are at fault. */
function read(env: Record<string, string>) {
  const faults: string[] = []
  const settings = readAiSettings(env, (name, reason) => faults.push(`${name} ${reason}`))
  return { settings, faults, names: faults.map((fault) => fault.split(' ')[0]) }
}

const azure = {
  USE_AZURE_OPENAI: 'True',
  AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com/',
  AZURE_OPENAI_DEPLOYMENT_NAME: 'writer',
  AZURE_OPENAI_API_KEY: 'k',
}

describe('which provider, and what it can do', () => {
  test.each<[Record<string, string>, string | undefined, string[]]>([
    [{}, undefined, []],
    [azure, 'azure', ['description']],
    [{ ...azure, AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: 'painter' }, 'azure', ['description', 'image']],
    [
      { ...azure, AZURE_OPENAI_DEPLOYMENT_NAME: '', AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: 'painter' },
      'azure',
      ['image'],
    ],
    [{ OPENAI_API_KEY: 'k' }, 'openai', ['description', 'image']],
    [{ USE_LOCAL_LLM: 'true', LOCAL_LLM_ENDPOINT: 'http://llm' }, 'local', ['description']],
    [{ ...azure, USE_AZURE_OPENAI: 'false' }, undefined, []],
    [{ ...azure, USE_AZURE_OPENAI: 'False', OPENAI_API_KEY: 'k' }, 'openai', ['description', 'image']],
    [
      { USE_LOCAL_LLM: 'true', LOCAL_LLM_ENDPOINT: 'http://llm', OPENAI_API_KEY: 'k' },
      'local',
      ['description'],
    ],
  ])('%j', (env, kind, capabilities) => {
    const { settings, faults } = read(env)
    expect(faults).toEqual([])
    expect(settings?.provider.kind).toBe(kind)
    expect(capabilitiesOf(settings)).toEqual(capabilities)
  })
})

describe('half-set settings are named', () => {
  const { AZURE_OPENAI_API_KEY: _, ...withoutKey } = azure
  test.each<[Record<string, string>, string[]]>([
    [
      { USE_AZURE_OPENAI: 'true' },
      ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_DEPLOYMENT_NAME', 'AZURE_OPENAI_ENDPOINT'],
    ],
    [withoutKey, ['AZURE_OPENAI_API_KEY']],
    [{ ...withoutKey, USE_AZURE_AD: 'true' }, []],
    [{ ...azure, AZURE_OPENAI_ENDPOINT: '' }, ['AZURE_OPENAI_ENDPOINT']],
    [{ ...azure, AZURE_OPENAI_ENDPOINT: 'x.openai.azure.com' }, ['AZURE_OPENAI_ENDPOINT']],
    [{ ...azure, AZURE_OPENAI_IMAGE_ENDPOINT: 'https://y' }, ['AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME']],
    [{ ...azure, USE_AZURE_OPENAI: '' }, ['USE_AZURE_OPENAI']],
    [{ ...azure, USE_AZURE_OPENAI: 'yes, please' }, ['USE_AZURE_OPENAI']],
    [
      { USE_LOCAL_LLM: 'true', LOCAL_LLM_ENDPOINT: 'http://llm', USE_AZURE_OPENAI: 'yes, please' },
      ['USE_AZURE_OPENAI'],
    ],
    [{ ...azure, USE_LOCAL_LLM: 'true', LOCAL_LLM_ENDPOINT: 'http://llm' }, ['USE_LOCAL_LLM']],
    [{ USE_LOCAL_LLM: 'true' }, ['LOCAL_LLM_ENDPOINT']],
    [{ LOCAL_LLM_MODEL: 'phi' }, ['USE_LOCAL_LLM']],
    [{ OPENAI_ORG_ID: 'org' }, ['OPENAI_API_KEY']],
    [{ OPENAI_API_KEY: 'k', TEMPERATURE: 'warm' }, ['TEMPERATURE']],
    [{ OPENAI_API_KEY: 'k', AI_CALLS_PER_MINUTE: '0' }, ['AI_CALLS_PER_MINUTE']],
  ])('%j: %j', (env, names) => {
    expect(new Set(read(env).names)).toEqual(new Set(names))
  })

  test('with a right value', () => {
    expect(read({ USE_AZURE_OPENAI: 'true' }).faults).toContain(
      'AZURE_OPENAI_ENDPOINT is not set; for example "https://NAME.openai.azure.com/"',
    )
  })
})

test('the image deployment has the other one’s endpoint and version unless it is given its own', () => {
  const image = (env: Record<string, string>) => {
    const { settings } = read({ ...azure, AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: 'painter', ...env })
    return (settings?.provider.settings as { image?: unknown } | undefined)?.image
  }
  expect(image({ AZURE_OPENAI_API_VERSION: '2024-10-21' })).toEqual({
    endpoint: 'https://x.openai.azure.com',
    deployment: 'painter',
    apiVersion: '2024-10-21',
  })
  const own = {
    AZURE_OPENAI_IMAGE_ENDPOINT: 'https://y',
    AZURE_OPENAI_IMAGE_API_VERSION: '2025-04-01-preview',
  }
  expect(image(own)).toMatchObject({ endpoint: 'https://y', apiVersion: '2025-04-01-preview' })
})

test.each([
  ['http://llm', 'http://llm/v1'],
  ['http://llm/', 'http://llm/v1'],
  ['http://llm/v1/', 'http://llm/v1'],
  ['http://llm:8000/api/openai', 'http://llm:8000/api/openai'],
])('a local server at %s is called at %s', (endpoint, baseUrl) => {
  const { settings } = read({ USE_LOCAL_LLM: 'true', LOCAL_LLM_ENDPOINT: endpoint })
  expect(settings?.provider.settings).toMatchObject({ baseUrl })
})
