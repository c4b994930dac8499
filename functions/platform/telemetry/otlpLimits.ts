/**
 * How many batches an exporter of OTLP may have on their way: more than a full queue is. One goes at a time, but as the
 * process ends all that waits is sent at once, and an exporter refuses what is beyond 30 by default.
 */
export const atOnce = { concurrencyLimit: 64 }
