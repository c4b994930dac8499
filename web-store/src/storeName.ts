/** The store's name, a build setting. */
export const storeName: string = import.meta.env.VITE_STORE_NAME
export const storeTitle = `${storeName} Pet Store`
