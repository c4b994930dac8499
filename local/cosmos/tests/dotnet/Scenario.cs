using System.Net;
using Microsoft.Azure.Cosmos;

namespace Conformance;

/// <summary>Marks a method `async Task Name(Account account)` that shows one behaviour of Cosmos DB; it throws when it is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScenarioAttribute : Attribute;

/// <summary>What a scenario expected and did not find.</summary>
public sealed class Unmet(string message) : Exception(message);

public static class Expect
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new Unmet($"{what}: expected '{expected}', got '{actual}'");
    }

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what) =>
        Equal(string.Join(", ", expected), string.Join(", ", actual), what);

    public static void True(bool condition, string what)
    {
        if (!condition) throw new Unmet(what);
    }

    /// <summary>The action must fail with this status.</summary>
    public static async Task<CosmosException> Fails(HttpStatusCode status, Func<Task> action, string what)
    {
        try
        {
            await action();
        }
        catch (CosmosException error)
        {
            Equal(status, error.StatusCode, what);
            return error;
        }
        throw new Unmet($"{what}: nothing was thrown");
    }
}
