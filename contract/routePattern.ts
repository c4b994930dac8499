/** Every word that the routes of the API are made of. Imports nothing, so a browser can have it. */
const words = new Set(
  'api ai analytics cancel capabilities dead-letters description fetch generate health image images import makeline order orders product products queue rebuild resubmit summary'.split(
    ' ',
  ),
)

/** The route that an address of the API belongs to: `{}` stands for whatever is no word of it, and there is no query. */
export const routePattern = (address: string): string =>
  (address.split(/[?#]/)[0] ?? '')
    .split('/')
    .map((part) => (!part || words.has(part) ? part : '{}'))
    .join('/')
