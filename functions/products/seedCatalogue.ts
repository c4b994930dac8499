import type { Product } from '@store/contract'

/** The catalogue that a new store opens with. Pictures are served by the storefront. */
export const seedCatalogue: readonly Product[] = (
  [
    [
      "Contoso Catnip's Friend",
      9.99,
      'A plump little catnip sack with a sailor’s grin. Two sniffs and your cat is captain of the hallway until dinner.',
    ],
    [
      "Salty Sailor's Squeaky Squid",
      6.99,
      'Eight floppy arms, one loud opinion. This squid squeaks from the deepest trench of the sofa and floats in the bath as well.',
    ],
    [
      "Mermaid's Mice Trio",
      12.99,
      'Three felt mice who ran away to sea and came back with tails of shimmering ribbon. They hunt best as a crew.',
    ],
    [
      "Ocean Explorer's Puzzle Ball",
      11.99,
      'Hide treats behind the portholes and let your dog chart a course to each of them. Three levels of difficulty, no lifeboats.',
    ],
    [
      'Pirate Parrot Teaser Wand',
      8.99,
      'A feathered parrot on a springy line that swoops, dodges and never once gives up the map. Cats have been seen doing backflips.',
    ],
    [
      "Seafarer's Tug Rope",
      14.99,
      'Thick cotton rope, tied by hand in knots a bosun would sign for. Made for two paws on one end and two hands on the other.',
    ],
    [
      'Seashell Snuggle Bed',
      19.99,
      'A deep, soft scallop shell that closes round the sleeper like a warm tide. The cover comes off and goes in the wash.',
    ],
    [
      'Nautical Knot Ball',
      7.99,
      'One long rope, one clever knot, one very busy dog. It rolls like a wave: never quite where you thought it would go.',
    ],
    [
      "Contoso Claw's Crabby Cat Toy",
      3.99,
      'He walks sideways, he crinkles, and he is in a permanent huff. Cats adore him; he would rather not say how he feels.',
    ],
    [
      'Ahoy Doggy Life Jacket',
      5.99,
      'Bright, buoyant and buckled in a blink, with a handle on the back for hauling an eager swimmer aboard again.',
    ],
  ] as const
).map(([name, price, description], index) => ({
  id: index + 1,
  name,
  price,
  description,
  image: `/images/products/${index + 1}.svg`,
}))
