namespace Conformance;

/// <summary>Marks a method `async Task Name(Bus bus)` that shows one behaviour of Service Bus; it throws when it is not there.</summary>
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

    public static async Task<TException> Throws<TException>(Func<Task> action, string what)
        where TException : Exception
    {
        try
        {
            await action();
        }
        catch (TException error)
        {
            return error;
        }
        catch (Exception error)
        {
            throw new Unmet($"{what}: expected {typeof(TException).Name}, got {error.GetType().Name}: {error.Message}");
        }
        throw new Unmet($"{what}: nothing was thrown");
    }

    /// <summary>Polls until the condition holds, for at most twenty seconds.</summary>
    public static async Task Eventually(Func<Task<bool>> condition, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline) throw new Unmet($"{what}: it did not happen");
            await Task.Delay(20);
        }
    }
}
