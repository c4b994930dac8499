import { describe, expect, test } from 'vitest'
import { longestDescription, tidyDescription } from './description.ts'

const tidy = (text: string, name = "Seafarer's Tug Rope", tags = ['rope', 'dog toy']) =>
  tidyDescription(text, { name, tags })

const good = 'Thick as a bosun’s wrist. Two ends, one winner.'

describe('a description', () => {
  test.each([
    ['as it should be', good, good],
    ['in quotation marks', `"${good}"`, good],
    ['in curly ones', `“${good}”`, good],
    ['with a label', `Description: ${good}`, good],
    ['with a heading in markdown', `## Description:\n\n${good}`, good],
    ['in bold', `**Thick** as a _bosun’s_ wrist. Two ends, one winner.`, good],
    ['in two paragraphs', 'Thick as a bosun’s wrist.\n\nTwo ends, one winner.', good],
    ['with hashtags', `${good} #rope #DogToy`, good],
    ['with a list of tags', `${good}\nTags: rope, dog toy`, good],
    ['with the bare tags', `${good} Rope, dog toy.`, good],
    ['with a sentence that has the name', `Meet the Seafarer’s Tug Rope! ${good}`, good],
    ['with nothing but the name in it', 'The Seafarer’s Tug Rope pulls back.', 'It pulls back.'],
    ['that has the name in the middle', 'Dogs love Seafarer’s Tug Rope’s knots.', 'Dogs love its knots.'],
    ['with control characters', 'Thick as a bosun’s wrist.\u0000\u001b Two ends, one winner.', good],
    ['with a tag as a word', 'A rope that rolls like a wave.', 'A rope that rolls like a wave.'],
    ['that is empty', ' "" ', ''],
  ])('%s', (_, written, expected) => {
    expect(tidy(written)).toBe(expected)
  })

  test('a name of one word is the product only as it is written', () => {
    expect(tidy('Kraken is here. A ball with eight arms.', 'Kraken')).toBe('A ball with eight arms.')
    expect(tidy('Throw the ball. It comes back.', 'Ball')).toBe('Throw the ball. It comes back.')
  })

  test('a name with characters of patterns is found too', () => {
    expect(tidy('Get C++ (Cat) Toy! It squeaks.', 'C++ (Cat) Toy')).toBe('It squeaks.')
  })

  test('that is too long ends after a whole sentence, or failing that after a word', () => {
    const sentence = 'It floats, it squeaks, and it never tires. '
    const cut = tidy(sentence.repeat(40))
    expect(cut.length).toBeLessThanOrEqual(longestDescription)
    expect(cut).toMatch(/never tires\.$/)
    const endless = tidy('very '.repeat(400))
    expect(endless.length).toBeLessThanOrEqual(longestDescription)
    expect(endless).toMatch(/very…$/)
  })
})
