/**
 * Who is signed in. Static Web Apps (or its emulator) signs people in itself and tells at `/.auth/me` who they are; a
 * server that cannot do that names there the OpenID provider with which this app then signs them in.
 */
import { computed, readonly, ref, shallowRef } from 'vue'
import type { OpenIdConnect, OpenIdConnectSettings } from './openIdConnect.ts'
import type { Principal } from './principal.ts'

const principal = shallowRef<Principal | null>(null)
const ended = ref(false)
/** The provider, where the server names one; undefined as long as it is not known. */
const provider = shallowRef<OpenIdConnect | null>()

/** Reads the sign-in. Without an answer (offline) it stays as it was, and `false` comes back: the API guards itself. */
export async function loadSession(): Promise<boolean> {
  try {
    if (!provider.value) {
      const response = await fetch('/.auth/me', { headers: { accept: 'application/json' } })
      const { clientPrincipal, openIdConnect } = (await response.json()) as SignInAnswer
      principal.value = clientPrincipal && {
        name: clientPrincipal.userDetails || 'Employee',
        provider: clientPrincipal.identityProvider,
        roles: clientPrincipal.userRoles,
      }
      provider.value = openIdConnect
        ? (await import('./openIdConnect.ts')).openIdConnect(openIdConnect)
        : null
    }
    if (provider.value) principal.value = await provider.value.principal()
    if (isAdmin.value) ended.value = false
    return true
  } catch {
    return false
  }
}

/** What `/.auth/me` answers: `openIdConnect` only where no Static Web App stands in front. */
interface SignInAnswer {
  clientPrincipal: { identityProvider: string; userDetails: string; userRoles: string[] } | null
  openIdConnect?: OpenIdConnectSettings
}

/** The API turned a call away: the page stays as it is, so that nothing that was typed is lost, and says how to go on. */
export function sessionEnded() {
  if (ended.value) return
  ended.value = true
  window.addEventListener('focus', () => ended.value && void loadSession())
}

const isAdmin = computed(() => principal.value?.roles.includes('admin') ?? false)

export const useSession = () => ({
  principal: readonly(principal),
  isAdmin,
  ended: readonly(ended),
  /** The OpenID provider to sign in with; null where Static Web Apps does it, undefined as long as it is not known. */
  provider: readonly(provider),
})

/** Headers that say to the API who calls, where no cookie does. */
export async function callerHeaders(): Promise<Record<string, string>> {
  const authorization = await provider.value?.authorization()
  return authorization ? { authorization } : {}
}

/** Where a sign-in with a provider of Static Web Apps starts; it comes back to `returnTo`, a path of this site. */
export const signInUrl = (provider: 'aad' | 'github', returnTo: string) =>
  `/.auth/login/${provider}?post_login_redirect_uri=${encodeURIComponent(returnTo)}`

export const signOutUrl = '/.auth/logout?post_logout_redirect_uri=/sign-in'

/** Ends the session: the link at `signOutUrl` does it by itself, but for an OpenID provider's. */
export function signOut(event: Event) {
  if (!provider.value) return
  event.preventDefault()
  void provider.value.signOut()
}
