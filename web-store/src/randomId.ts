/** 128 random bits as hexadecimal digits. Unlike `crypto.randomUUID` it works on a plain http origin too. */
export const randomId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
