/** What the policies of the Azure SDK's HTTP pipeline have in common with this one. */
interface Request {
  url: string
  allowInsecureConnection?: boolean
}

/**
 * A policy that lets `ServiceBusAdministrationClient` reach a local broker. The client knows only HTTPS, whatever its
 * connection string says; the broker speaks HTTP on the loopback.
 *
 * `client.pipeline.addPolicy(overHttp)`
 */
export const overHttp = {
  name: 'overHttp',
  sendRequest<Req extends Request, Res>(request: Req, next: (request: Req) => Promise<Res>): Promise<Res> {
    request.url = request.url.replace(/^https:/, 'http:')
    request.allowInsecureConnection = true
    return next(request)
  },
}
