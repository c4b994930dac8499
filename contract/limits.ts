/** Bounds that the API enforces and the web apps show beforehand. Imports nothing, so a browser can have it. */
export const limits = {
  /** Lines in one order. */
  orderItems: 100,
  /** Pieces of one product in one line. */
  quantity: 999,
  /** Highest price of a product, in the store's currency. */
  price: 1_000_000,
  /** Orders on one page of a list. */
  ordersPage: 200,
  /** Pending orders in one answer of the demo's route, which knows no pages; of more, the oldest. */
  pendingOrders: 1_000,
  /** Characters of a dead letter's body that are shown. */
  deadLetterBody: 10_000,
  /** Messages of a queue that are counted and shown; of more, the oldest. */
  queueDepth: 1_000,
  /** Characters. */
  customerId: 128,
  idempotencyKey: 128,
  productName: 200,
  productDescription: 4_000,
  productImage: 2_048,
  search: 200,
  /** Largest picture that can be uploaded for a product, in bytes. */
  pictureBytes: 5 * 1024 * 1024,
  /** Characters of a picture of that size as a data URL. */
  pictureDataUrl: 7 * 1024 * 1024,
  /** Products in one import. */
  importedProducts: 1_000,
  /** Products on one page of a list. */
  productPage: 1_000,
  /** Largest body of a route that takes a product, which may carry its picture; in bytes. */
  productBody: 8 * 1024 * 1024,
  /** Largest body of an import, in bytes. */
  importBody: 16 * 1024 * 1024,
  /** Largest body of what a page tells of itself, in bytes. */
  browserTelemetryBody: 16 * 1024,
  /** Largest JSON body that a route takes, in bytes, unless the route says otherwise. */
  body: 256 * 1024,
} as const
