/**
 * Names the shapes of the answers that have an ETag, and is part of each. A test computes it from the schemas, so that a
 * change of a shape is not made without it. This file imports nothing, as the app needs no schema to write a tag.
 */
export const answerShape = 'ed205642'
