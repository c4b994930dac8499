/** Build settings. */

/** The name before "Pet Store": `VITE_STORE_NAME`. */
export const storeName: string = import.meta.env.VITE_STORE_NAME || 'Contoso'

export const portalName = `${storeName} Pet Store Admin Portal`
