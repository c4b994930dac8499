using System.Net;
using Microsoft.Azure.Cosmos;

namespace Conformance;

public static partial class Expect
{
    /// <summary>The action must fail with this status.</summary>
    public static async Task<CosmosException> Fails(HttpStatusCode status, Func<Task> action, string what)
    {
        var error = await Throws<CosmosException>(action, what);
        Equal(status, error.StatusCode, what);
        return error;
    }
}
