/** What an evaluated template would bring into being, as far as the apps can tell: a small model of it. */

export interface Identity {
  /** `id-store-…` */
  readonly name: string
  /** The part of the store that it is for: `store`, `keda`, …; `nodes` for those of a cluster. */
  readonly app: string
  readonly id: string
  readonly clientId: string
  /** Object id of its service principal: `oid` in its tokens, and whom role assignments name. */
  readonly principalId: string
}

export interface RoleAssignment {
  readonly id: string
  readonly principalId: string
  /** The last part of the role definition's id. */
  readonly role: string
  /** Path of the one resource, or of what is below it. */
  readonly scope: string
}

/** A function app. */
export interface App {
  /** The service in azure.yaml: `store`, … */
  readonly service: string
  readonly name: string
  readonly host: string
  /** Every setting, and no other. */
  readonly settings: Readonly<Record<string, string>>
  /** Resource ids of the identities that it may be. */
  readonly identities: readonly string[]
  /** Whether strangers may call it at all. */
  readonly isPublic: boolean
  /** The host of the Static Web App behind which its sign-in locks it. */
  readonly lockedBehind: string | undefined
  /** Where its package lies, and as whom the platform fetches it; undefined for a pod, whose image has it. */
  readonly package: { readonly url: string; readonly identity: string } | undefined
  /**
   * Of a pod: its service account, and the client id that the webhook tells it; undefined where the webhook leaves the pod
   * alone, as it does without the label `azure.workload.identity/use`.
   */
  readonly pod?: { readonly subject: string; readonly clientId: string | undefined }
}

export interface WebApp {
  readonly service: string
  readonly name: string
  readonly host: string
  /** The name of the function app that is linked to it. */
  readonly backend: string | undefined
}

/** Whose tokens of a cluster stand for an identity. */
export interface Federation {
  /** Resource id of the identity. */
  readonly identity: string
  readonly issuer: string
  readonly subject: string
  /** For whom such a token has to be. */
  readonly audiences: readonly string[]
}

/** Somebody who counts the messages of a queue, to scale by them. */
export interface Scaler {
  readonly namespace: string
  readonly queue: string
  readonly clientId: string
  readonly subject: string
}

/** A role of somebody whom the rehearsal does not play. */
export interface OtherRight extends Pick<RoleAssignment, 'role' | 'scope'> {
  readonly whom: string
  /** Whether it is known why nobody plays it (docs/azure.md); any other is a mistake. */
  readonly isKnown: boolean
}

export interface Deployment {
  readonly tenantId: string
  /** Who signs the tokens of service accounts; made up, as only Azure knows it. */
  readonly clusterIssuer: string
  readonly federations: readonly Federation[]
  readonly scalers: readonly Scaler[]
  readonly identities: readonly Identity[]
  /** Of the identities. */
  readonly assignments: readonly RoleAssignment[]
  readonly otherRights: readonly OtherRight[]
  /** Where the nodes of a cluster fetch images. */
  readonly registry: { readonly id: string; readonly host: string } | undefined
  /** The images of all pods. */
  readonly images: readonly string[]
  readonly apps: readonly App[]
  readonly webApps: readonly WebApp[]
  readonly serviceBus: { readonly id: string; readonly host: string; readonly queues: readonly Queue[] }
  readonly cosmos: {
    readonly id: string
    readonly host: string
    readonly database: string
    readonly containers: readonly { readonly id: string }[]
  }
  readonly storage: readonly {
    readonly id: string
    readonly name: string
    readonly host: string
    readonly containers: readonly string[]
  }[]
  readonly models:
    | { readonly id: string; readonly host: string; readonly deployments: readonly string[] }
    | undefined
  readonly insights: {
    readonly id: string
    readonly host: string
    readonly instrumentationKey: string
    readonly connectionString: string
  }
}

export interface Queue {
  readonly Name: string
  readonly Properties: Readonly<Record<string, unknown>>
}

/** Who an app is: by its identities, or as a pod by the client id that it is told. */
export const identityOf = ({ identities }: Deployment, app: App): Identity | undefined =>
  identities.find(({ id, clientId }) => app.identities.includes(id) || clientId === app.pod?.clientId)
