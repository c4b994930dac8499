/**
 * An `InterceptorRoute` of KEDA's HTTP add-on, as far as the chart uses it. No package has its types; these follow the
 * resource's definition (kedacore/http-add-on: config/crd/bases/http.keda.sh_interceptorroutes.yaml).
 */
export interface IInterceptorRoute {
  apiVersion: 'http.keda.sh/v1beta1'
  kind: 'InterceptorRoute'
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  spec: {
    target: { service: string; port?: number; portName?: string }
    rules?: { hosts?: string[]; paths?: { value: string }[] }[]
    scalingMetric: {
      concurrency?: { targetValue: number }
      requestRate?: { targetValue: number; window?: string; granularity?: string }
    }
  }
}
