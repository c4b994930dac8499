/** Who is signed in, as Static Web Apps (or its emulator) tells at `/.auth/me`. */
import { computed, readonly, ref, shallowRef } from 'vue'

export interface Principal {
  name: string
  provider: string
  roles: readonly string[]
}

const principal = shallowRef<Principal | null>(null)
const ended = ref(false)

/** Reads the sign-in. Without an answer (offline) it stays as it was, and `false` comes back: the API guards itself. */
export async function loadSession(): Promise<boolean> {
  try {
    const response = await fetch('/.auth/me', { headers: { accept: 'application/json' } })
    const { clientPrincipal } = (await response.json()) as { clientPrincipal: ClientPrincipal | null }
    principal.value = clientPrincipal && {
      name: clientPrincipal.userDetails || 'Employee',
      provider: clientPrincipal.identityProvider,
      roles: clientPrincipal.userRoles,
    }
    if (isAdmin.value) ended.value = false
    return true
  } catch {
    return false
  }
}

interface ClientPrincipal {
  identityProvider: string
  userDetails: string
  userRoles: string[]
}

/** The API turned a call away: the page stays as it is, so that nothing that was typed is lost, and says how to go on. */
export function sessionEnded() {
  if (ended.value) return
  ended.value = true
  window.addEventListener('focus', () => ended.value && void loadSession())
}

const isAdmin = computed(() => principal.value?.roles.includes('admin') ?? false)

export const useSession = () => ({ principal: readonly(principal), isAdmin, ended: readonly(ended) })

/** Where a sign-in with a provider starts; it comes back to `returnTo`, a path of this site. */
export const signInUrl = (provider: 'aad' | 'github', returnTo: string) =>
  `/.auth/login/${provider}?post_login_redirect_uri=${encodeURIComponent(returnTo)}`

export const signOutUrl = '/.auth/logout?post_logout_redirect_uri=/sign-in'
