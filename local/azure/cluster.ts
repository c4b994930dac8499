/**
 * A cluster's part in workload identity: it signs tokens for service accounts, which Entra takes for those of identities.
 * Source: "Use Microsoft Entra Workload ID with AKS" on Microsoft Learn, and the webhook of Azure/azure-workload-identity.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import type { App, Deployment } from './deployment.ts'

export const exchangeAudience = 'api://AzureADTokenExchange'

export interface Cluster {
  readonly issuer: string
  readonly keys: JSONWebKeySet
  /** A token for a service account, `system:serviceaccount:NAMESPACE:NAME`. */
  sign(subject: string): Promise<string>
  /** What the webhook tells a pod, whose token is put into the folder. */
  variablesOf(pod: NonNullable<App['pod']>, folder: string): Promise<Record<string, string>>
}

export async function createCluster({ tenantId, clusterIssuer }: Deployment): Promise<Cluster> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = crypto.randomUUID()
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] }
  const sign = (subject: string) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(clusterIssuer)
      .setSubject(subject)
      .setAudience(exchangeAudience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  return {
    issuer: clusterIssuer,
    keys,
    sign,
    async variablesOf({ subject, clientId }, folder) {
      // The webhook leaves alone who does not ask for it.
      if (clientId === undefined) return {}
      const file = join(folder, `${subject.replaceAll(':', '-')}.token`)
      await writeFile(file, await sign(subject), { mode: 0o600 })
      return {
        AZURE_CLIENT_ID: clientId,
        AZURE_TENANT_ID: tenantId,
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
        AZURE_FEDERATED_TOKEN_FILE: file,
      }
    },
  }
}
