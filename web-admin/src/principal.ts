/** Who is signed in, as the pages show it. */
export interface Principal {
  name: string
  provider: string
  roles: readonly string[]
}
