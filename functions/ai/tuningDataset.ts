/** What a chat model is tuned with so that it knows the catalogue: questions about each product with their answers. Pure. */
import type { TuningDataset } from '@store/contract'
import type { Product } from '../products/product.ts'

type Template = (
  product: Product & { cost: string; costOfThree: string },
) => [question: string, answer: string]

const templates: readonly Template[] = [
  ({ name, description }) => [`What is the ${name}?`, description],
  ({ name, description }) => [`Tell me about the ${name}.`, description],
  ({ name, description }) => [`How would you describe the ${name} to a friend?`, description],
  ({ name, description }) => [`Why would I buy the ${name}?`, `Judge for yourself: ${description}`],
  ({ name, cost }) => [`How much is the ${name}?`, `The ${name} is ${cost}.`],
  ({ name, cost }) => [`What do I pay for one ${name}?`, `One ${name} is ${cost}.`],
  ({ name, costOfThree }) => [`What do three of the ${name} come to?`, `Three come to ${costOfThree}.`],
  ({ name, cost }) => [
    `I have ${cost} left. Is it enough for the ${name}?`,
    `Yes, that is exactly its price.`,
  ],
  ({ name }) => [`Do you sell the ${name}?`, `Yes, the ${name} is in our catalogue.`],
  ({ name, id }) => [`Which number does the ${name} have?`, `It is product number ${id}.`],
  ({ name, id }) => [`Which product has the number ${id}?`, `That is the ${name}.`],
  ({ name, id, cost }) => [`What does product number ${id} cost?`, `Number ${id}, the ${name}, is ${cost}.`],
  ({ name, description }) => [`Which of your products fits this: "${description}"`, `That is our ${name}.`],
  ({ name, image }) => [`Where can I see a picture of the ${name}?`, `Here is one: ${image}`],
  ({ name, description, cost }) => [
    `Write one line for our newsletter about the ${name}.`,
    `${name}, ${cost}: ${description}`,
  ],
]

/** Question and answer for each product and each template; `currency` is the code of what prices are in. */
export function tuningDataset(products: readonly Product[], currency = 'USD'): TuningDataset {
  return products.flatMap((product) =>
    templates.map((template) => {
      const [question, answer] = template({
        ...product,
        cost: amountIn(currency, product.price),
        costOfThree: amountIn(currency, product.price * 3),
      })
      return {
        messages: [
          { role: 'user' as const, content: question },
          { role: 'assistant' as const, content: answer },
        ] as const satisfies TuningDataset[number]['messages'],
      }
    }),
  ) as TuningDataset
}

/** An amount as people read it, with the decimals of its currency, so that no binary fraction shows. */
const amountIn = (currency: string, amount: number) =>
  new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(amount)
