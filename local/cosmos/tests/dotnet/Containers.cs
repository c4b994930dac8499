using System.Net;
using Microsoft.Azure.Cosmos;

namespace Conformance;

/// <summary>Databases, containers and what a container is told to do.</summary>
public static class Containers
{
    [Scenario]
    public static async Task AreCreatedReadAndDeleted(Account account)
    {
        var container = await account.NewContainer();
        var read = await container.ReadContainerAsync();
        Expect.Equal("/customer", read.Resource.PartitionKeyPath, "partition key");
        Expect.Equal(IndexingMode.Consistent, read.Resource.IndexingPolicy.IndexingMode, "indexing mode");
        await container.DeleteContainerAsync();
        await Expect.Fails(HttpStatusCode.NotFound, () => container.ReadContainerAsync(), "read");
    }

    [Scenario]
    public static async Task AreThereOnce(Account account)
    {
        var container = await account.NewContainer();
        await Expect.Fails(HttpStatusCode.Conflict, () => account.Database.CreateContainerAsync(container.Id, "/customer"), "create");
        var response = await account.Database.CreateContainerIfNotExistsAsync(container.Id, "/customer");
        Expect.Equal(HttpStatusCode.OK, response.StatusCode, "if not exists");
    }

    [Scenario]
    public static async Task AreListed(Account account)
    {
        var container = await account.NewContainer();
        var ids = new List<string>();
        using var pages = account.Database.GetContainerQueryIterator<ContainerProperties>();
        while (pages.HasMoreResults) ids.AddRange((await pages.ReadNextAsync()).Select(found => found.Id));
        Expect.True(ids.Contains(container.Id), string.Join(", ", ids));
    }

    [Scenario]
    public static async Task AreReplacedWithoutLosingDocuments(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        ContainerProperties properties = await container.ReadContainerAsync();
        properties.DefaultTimeToLive = 1000;
        await container.ReplaceContainerAsync(properties);
        Expect.Equal("1", (await container.ReadItemAsync<Order>("1", new PartitionKey("ann"))).Resource.Id, "id");
        Expect.Equal(1000, (await container.ReadContainerAsync()).Resource.DefaultTimeToLive, "time to live");
    }

    [Scenario]
    public static async Task KeepKeysUnique(Account account)
    {
        var container = await account.NewContainer(properties =>
        {
            var key = new UniqueKey();
            key.Paths.Add("/state");
            key.Paths.Add("/total");
            properties.UniqueKeyPolicy.UniqueKeys.Add(key);
        });
        await container.CreateItemAsync(new Order { Total = 1 });
        await container.CreateItemAsync(new Order { Total = 2 });
        await container.CreateItemAsync(new Order { Total = 1, Customer = "bob" });
        await Expect.Fails(HttpStatusCode.Conflict, () => container.CreateItemAsync(new Order { Total = 1 }), "the same again");
    }

    [Scenario]
    public static async Task MayHaveHierarchicalPartitionKeys(Account account)
    {
        var properties = new ContainerProperties("hierarchical", new List<string> { "/customer", "/state" });
        Container container = await account.Database.CreateContainerAsync(properties);
        foreach (var (customer, state) in new[] { ("ann", "a"), ("ann", "b"), ("bob", "a") })
            await container.CreateItemAsync(new Order { Id = "1", Customer = customer, State = state });
        var key = new PartitionKeyBuilder().Add("ann").Add("b").Build();
        Expect.Equal("b", (await container.ReadItemAsync<Order>("1", key)).Resource.State, "state");
        var options = new QueryRequestOptions { PartitionKey = new PartitionKeyBuilder().Add("ann").Build() };
        var states = await Queries.All<string>(container, "SELECT VALUE c.state FROM c", options);
        Expect.Sequence(["a", "b"], states.Order(), "states of a beginning of the key");
    }

    [Scenario]
    public static async Task HaveOneFeedRange(Account account)
    {
        var container = await account.Orders();
        Expect.Equal(1, (await container.GetFeedRangesAsync()).Count, "ranges");
    }

    [Scenario]
    public static async Task TellTheirChanges(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        await container.CreateItemAsync(new Order { Id = "2" });
        var (first, token) = await Changes(container, ChangeFeedStartFrom.Beginning());
        Expect.Sequence(["1", "2"], first, "from the beginning");
        await container.UpsertItemAsync(new Order { Id = "1", Total = 5 });
        await container.CreateItemAsync(new Order { Id = "3" });
        var (second, _) = await Changes(container, ChangeFeedStartFrom.ContinuationToken(token));
        Expect.Sequence(["1", "3"], second, "from then on");
    }

    [Scenario]
    public static async Task TellTheChangesOfAPartition(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        await container.CreateItemAsync(new Order { Id = "2", Customer = "bob" });
        var (ids, _) = await Changes(container, ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(new PartitionKey("bob"))));
        Expect.Sequence(["2"], ids, "of bob");
    }

    [Scenario]
    public static async Task AreOfDatabases(Account account)
    {
        await account.Client.CreateDatabaseAsync("another");
        await Expect.Fails(HttpStatusCode.Conflict, () => account.Client.CreateDatabaseAsync("another"), "create");
        Expect.Equal("another", (await account.Client.GetDatabase("another").ReadAsync()).Resource.Id, "id");
        await account.Client.GetDatabase("another").DeleteAsync();
        await Expect.Fails(HttpStatusCode.NotFound, () => account.Client.GetDatabase("another").ReadAsync(), "read");
    }

    [Scenario]
    public static async Task TellTheirThroughput(Account account)
    {
        var scaling = ThroughputProperties.CreateAutoscaleThroughput(4000);
        Container container = await account.Database.CreateContainerAsync(new ContainerProperties("scaling", "/customer"), scaling);
        var read = (await container.ReadThroughputAsync(requestOptions: null)).Resource;
        Expect.Equal(4000, read.AutoscaleMaxThroughput, "the most");
        await container.ReplaceThroughputAsync(ThroughputProperties.CreateAutoscaleThroughput(6000));
        Expect.Equal(6000, (await container.ReadThroughputAsync(requestOptions: null)).Resource.AutoscaleMaxThroughput, "the most, changed");
        Container other = await account.Database.CreateContainerAsync(new ContainerProperties("fixed", "/customer"), 500);
        await other.ReplaceThroughputAsync(700);
        Expect.Equal(700, await other.ReadThroughputAsync(), "a fixed one, changed");
        Expect.Equal(null, await (await account.NewContainer()).ReadThroughputAsync(), "none");
    }

    [Scenario]
    public static async Task AreForThoseWithTheKey(Account account)
    {
        using var stranger = Account.Connect(Convert.ToBase64String(new byte[64]));
        await Expect.Fails(HttpStatusCode.Unauthorized, () => stranger.GetDatabase(account.Database.Id).ReadAsync(), "read");
    }

    static async Task<(List<string> Ids, string Token)> Changes(Container container, ChangeFeedStartFrom from)
    {
        using var feed = container.GetChangeFeedIterator<Order>(from, ChangeFeedMode.Incremental);
        var ids = new List<string>();
        while (true)
        {
            var page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified) return (ids, page.ContinuationToken);
            ids.AddRange(page.Select(order => order.Id));
        }
    }
}
