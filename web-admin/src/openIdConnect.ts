/**
 * Sign-in where no Static Web App does it: OpenID Connect, authorization code with PKCE, by `oidc-client-ts`. Only the
 * session loads this file, and only where the server names a provider, so that others do not pay for the library.
 */
import { decodeJwt } from 'jose'
import { type User, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import type { Principal } from './principal.ts'

/** The provider and this app's registration there, as the server tells at `/.auth/me`. */
export interface OpenIdConnectSettings {
  /** The issuer: its metadata is at `/.well-known/openid-configuration` below it. */
  authority: string
  clientId: string
  /** Scopes to ask for; with `offline_access` a session is renewed without a page load. */
  scope: string
  /** The API that the access token is for, where the provider wants it named (RFC 8707). */
  resource?: string
  /** Claim of the access token that lists the roles. */
  rolesClaim: string
}

export interface OpenIdConnect {
  /** Who is signed in; null when nobody is, or the session is over and cannot be renewed. */
  principal(): Promise<Principal | null>
  /** The value of the header `Authorization`, renewed when it is about to expire; null without a session. */
  authorization(): Promise<string | null>
  /** Leaves for the provider; it comes back to `/sign-in`, and from there to `returnTo`, a path of this site. */
  signIn(returnTo: string): Promise<void>
  /** Ends the sign-in that came back to this page's address, and answers where to go on. It rejects when it failed. */
  completeSignIn(): Promise<string>
  /** Leaves for the provider to end its session, too. */
  signOut(): Promise<void>
}

/** A token that is good for fewer seconds is renewed before it is used. */
const margin = 30

export function openIdConnect(settings: OpenIdConnectSettings): OpenIdConnect {
  const page = new URL('/sign-in', location.href).href
  const manager = new UserManager({
    authority: settings.authority,
    client_id: settings.clientId,
    scope: settings.scope,
    ...(settings.resource ? { resource: settings.resource } : {}),
    redirect_uri: page,
    post_logout_redirect_uri: page,
    // A sign-in in a new tab is one in all: a page whose session ended goes on with what was typed.
    userStore: new WebStorageStateStore({ store: localStorage }),
    automaticSilentRenew: false,
    // A provider that does not answer must not keep the API's calls waiting.
    requestTimeoutInSeconds: 10,
  })

  let renewing: Promise<User | null> | undefined

  /** The session, renewed if need be: once for all calls that ask at the same time. */
  async function session(): Promise<User | null> {
    const user = await manager.getUser()
    if (!user || (user.expires_in ?? 0) > margin) return user
    if (!user.refresh_token) return user.expired ? null : user
    renewing ??= oneAtATime(renewed)
      .catch(() => null)
      .finally(() => {
        renewing = undefined
      })
    return (await renewing) ?? (user.expired ? null : user)
  }

  /** Another tab may have renewed while this one waited, and a refresh token is good for one use. */
  async function renewed(): Promise<User | null> {
    const user = await manager.getUser()
    return user && (user.expires_in ?? 0) > margin ? user : manager.signinSilent()
  }

  return {
    async principal() {
      const user = await session()
      return user && principalOf(user, settings)
    },
    async authorization() {
      const user = await session()
      return user && `Bearer ${user.access_token}`
    },
    signIn: (returnTo) => manager.signinRedirect({ state: returnTo, redirectMethod: 'replace' }),
    async completeSignIn() {
      const { state } = await manager.signinRedirectCallback()
      return typeof state === 'string' ? state : '/orders'
    },
    // Not every provider has a page to sign out at: then only this app forgets who it was.
    signOut: () =>
      manager.signoutRedirect().catch(async () => {
        await manager.removeUser()
        location.assign(page)
      }),
  }
}

/** Runs something in one tab of this site at a time; where a browser has no locks (a site without HTTPS), at once. */
const oneAtATime = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks ? navigator.locks.request('sign-in', work) : work()

/** Roles come from the access token, which is what the API goes by. */
function principalOf(
  { access_token, profile }: User,
  { authority, rolesClaim }: OpenIdConnectSettings,
): Principal {
  const roles = claims(access_token)[rolesClaim]
  return {
    name: profile.name ?? profile.preferred_username ?? profile.email ?? 'Employee',
    provider: new URL(authority).hostname,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  }
}

/** The claims of a token; none when it is not a JWT. */
function claims(token: string): Record<string, unknown> {
  try {
    return decodeJwt(token)
  } catch {
    return {}
  }
}
