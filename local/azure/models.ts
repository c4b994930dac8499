/** The model account: asks for token and right, knows the deployments of the template, and leaves the rest to the stand-in. */
import type { IncomingMessage } from 'node:http'
import type { Deployment } from './deployment.ts'
import type { Gate, Guest } from './gate.ts'
import { forward, type Handler, readBody, sendJson } from './httpAnswers.ts'

export const modelsAudience = 'https://cognitiveservices.azure.com'

const models = 'Microsoft.CognitiveServices/accounts/OpenAI'

/** Answers for the account. @param port where the stand-in for the models listens */
export function modelsSite(
  account: NonNullable<Deployment['models']>,
  gate: Gate,
  port: number,
  onUnknown: (deployment: string, who: Guest['who']) => void,
): Handler {
  return async (request, response) => {
    const body = await readBody(request)
    const action = actionOf(request)
    const answer = await gate.check(request, action, account.id)
    if (answer.kind === 'right')
      return sendJson(response, 401, {
        error: {
          code: 'PermissionDenied',
          message: `The principal \`${answer.principalId}\` lacks the required data action \`${action}\` to perform \`${request.method} ${request.url}\` operation.`,
        },
      })
    if (answer.kind !== 'guest')
      return sendJson(response, 401, {
        error: {
          code: '401',
          message: 'Access denied due to invalid subscription key or wrong API endpoint.',
        },
      })
    const deployment = deploymentOf(request, body)
    if (deployment !== undefined && !account.deployments.includes(deployment)) {
      onUnknown(deployment, answer.who)
      return sendJson(response, 404, {
        error: {
          code: 'DeploymentNotFound',
          message: 'The API deployment for this resource does not exist.',
        },
      })
    }
    forward(request, response, { port }, body)
  }
}

/** Of operations that no call of this store makes, none is known. */
function actionOf({ method, url = '' }: IncomingMessage): string {
  if (/\/chat\/completions/.test(url)) return `${models}/deployments/chat/completions/action`
  if (/\/images\/generations/.test(url)) return `${models}/images/generations/action`
  if (method === 'GET' && /\/models(\/|\?|$)/.test(url)) return `${models}/models/read`
  return `${models}/unknown/action`
}

/** In the path of dated versions, in the body of the one without. */
function deploymentOf({ url = '' }: IncomingMessage, body: Buffer): string | undefined {
  const named = /\/openai\/deployments\/([^/]+)\//.exec(url)?.[1]
  if (named || !body.length) return named && decodeURIComponent(named)
  try {
    return JSON.parse(body.toString()).model
  } catch {
    return undefined
  }
}
