/** The most results of a page by default, and at all. */
const usual = 100
const most = 1_000

/** A page ends behind so many bytes of documents or results. */
export const maxPageBytes = 4 * 1024 * 1024

/** A page does not end behind a longer key than this, since the key stands in a header. */
export const maxKeyBytes = 4_096

/** The most results of a page; -1 and 0 leave it to the service. */
export const pageSize = (maxItemCount: number | undefined): number =>
  maxItemCount === undefined ? usual : maxItemCount <= 0 ? most : Math.min(maxItemCount, most)
