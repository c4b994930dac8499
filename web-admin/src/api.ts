import type { UseQueryOptionsGlobal } from '@pinia/colada'
import { createAdminClient } from '@store/contract/admin-client'
import { watched } from '@store/web-ui/telemetry/apiCalls.ts'
import { callerHeaders, sessionEnded } from './session.ts'

/** The API, as the signed-in employee. A call that finds the session ended says so to the session, and fails with 401. */
export const api = createAdminClient({
  fetch: watched(async (input, init) => {
    // Static Web Apps answers a missing sign-in with a redirect to the sign-in page, which is no answer to a call.
    const headers = { ...init?.headers, ...(await callerHeaders()) }
    const response = await fetch(input, { ...init, headers, redirect: 'manual' })
    if (response.type !== 'opaqueredirect' && response.status !== 401) return response
    sessionEnded()
    return new Response(
      JSON.stringify({
        type: 'about:blank',
        title: 'Signed out',
        status: 401,
        detail: 'Your session has ended.',
      }),
      { status: 401, headers: { 'content-type': 'application/problem+json' } },
    )
  }),
})

/** How what the API says is kept: fresh for less than any page waits before it asks again. */
export const queryOptions: UseQueryOptionsGlobal = {
  staleTime: 2_000,
  refetchOnWindowFocus: true,
}
