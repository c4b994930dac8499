interface ImportMetaEnv {
  readonly VITE_STORE_NAME: string
  readonly VITE_STORE_CURRENCY: string
}
