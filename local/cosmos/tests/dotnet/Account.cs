using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;

namespace Conformance;

/// <summary>A document of the scenarios.</summary>
public sealed class Order
{
    [JsonProperty("id")] public string Id { get; set; } = Guid.NewGuid().ToString();
    [JsonProperty("customer")] public string Customer { get; set; } = "ann";
    [JsonProperty("state")] public string State { get; set; } = "placed";
    [JsonProperty("total")] public double? Total { get; set; }
    [JsonProperty("items")] public List<Item> Items { get; set; } = [];
    [JsonProperty("_etag", NullValueHandling = NullValueHandling.Ignore)] public string? ETag { get; set; }
}

public sealed class Item
{
    [JsonProperty("name")] public string Name { get; set; } = "";
    [JsonProperty("quantity")] public int Quantity { get; set; }
}

/// <summary>
/// The server under test, in gateway mode as the server speaks no direct protocol. Containers are made on demand; those of
/// queries are filled once.
/// </summary>
public sealed class Account : IAsyncDisposable
{
    static readonly string Endpoint = Required("COSMOS_ENDPOINT");
    static readonly string Key = Required("COSMOS_KEY");

    int containers;
    Container? filled;

    public CosmosClient Client { get; } = Connect();
    public Database Database { get; private set; } = null!;

    static CosmosClientOptions Options => new()
    {
        ConnectionMode = ConnectionMode.Gateway,
        LimitToEndpoint = true,
        RequestTimeout = TimeSpan.FromSeconds(20),
    };

    public static CosmosClient Connect(string? key = null) => new(Endpoint, key ?? Key, Options);

    /// <summary>A client that has looked at a container before its first operation.</summary>
    public static Task<CosmosClient> Initialized(string database, string container) =>
        CosmosClient.CreateAndInitializeAsync(Endpoint, Key, [(database, container)], Options);

    public static async Task<Account> Open()
    {
        var account = new Account();
        account.Database = await account.Client.CreateDatabaseIfNotExistsAsync("conformance");
        return account;
    }

    /// <summary>A container of its own for a scenario.</summary>
    public async Task<Container> NewContainer(Action<ContainerProperties>? define = null, string partitionKey = "/customer")
    {
        var properties = new ContainerProperties($"c{++containers}", partitionKey);
        define?.Invoke(properties);
        return await Database.CreateContainerAsync(properties);
    }

    /// <summary>Ten orders of two customers, totals 0 to 9, that nobody changes.</summary>
    public async Task<Container> Orders()
    {
        if (filled is not null) return filled;
        var container = await NewContainer(properties =>
        {
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = "/*" });
            properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/items/*" });
            properties.IndexingPolicy.CompositeIndexes.Add([
                new CompositePath { Path = "/customer", Order = CompositePathSortOrder.Ascending },
                new CompositePath { Path = "/total", Order = CompositePathSortOrder.Descending },
            ]);
        });
        for (var i = 0; i < 10; i++)
        {
            await container.CreateItemAsync(new Order
            {
                Id = $"o{i}",
                Customer = i % 2 == 0 ? "ann" : "bob",
                State = i < 6 ? "placed" : "complete",
                Total = i,
                Items = [new Item { Name = $"toy{i % 3}", Quantity = i }],
            });
        }
        return filled = container;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DeleteAsync();
        Client.Dispose();
    }

    static string Required(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: start this by run.ts.");
}
