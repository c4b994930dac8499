/** Something in the app or its settings keeps the host from starting; the message says what and how to put it right. */
export class HostStartError extends Error {
  override name = 'HostStartError'
}
