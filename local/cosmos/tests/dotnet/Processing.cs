using System.Collections.Concurrent;
using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;

namespace Conformance;

/// <summary>What stands on top of the operations: the change feed processor, streams, and what a client asks at its start.</summary>
public static class Processing
{
    static readonly PartitionKey Ann = new("ann");

    static Stream Body(object value) => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(value)));

    /// <summary>"Change feed processor in Azure Cosmos DB": leases are kept in a container, so that a second one goes on.</summary>
    [Scenario]
    public static async Task OfTheChangeFeedGoesOnWhereItEnded(Account account)
    {
        var container = await account.NewContainer();
        var leases = await account.NewContainer(partitionKey: "/id");
        var seen = new ConcurrentQueue<string>();
        ChangeFeedProcessor Processor(string instance) => container
            .GetChangeFeedProcessorBuilder<Order>("orders", (IReadOnlyCollection<Order> changes, CancellationToken _) =>
            {
                foreach (var order in changes) seen.Enqueue(order.Id);
                return Task.CompletedTask;
            })
            .WithInstanceName(instance)
            .WithLeaseContainer(leases)
            .WithPollInterval(TimeSpan.FromMilliseconds(50))
            .WithStartTime(DateTime.MinValue.ToUniversalTime())
            .Build();
        async Task Come(params string[] ids)
        {
            while (seen.Count < ids.Length) await Task.Delay(20);
            Expect.Sequence(ids, seen, "changes");
        }
        await container.CreateItemAsync(new Order { Id = "1" });
        var first = Processor("first");
        await first.StartAsync();
        await Come("1");
        await container.CreateItemAsync(new Order { Id = "2", Customer = "bob" });
        await Come("1", "2");
        await first.StopAsync();
        await container.CreateItemAsync(new Order { Id = "3" });
        var estimator = container.GetChangeFeedEstimator("orders", leases);
        using var states = estimator.GetCurrentStateIterator();
        Expect.Equal(1L, (await states.ReadNextAsync()).Sum(state => state.EstimatedLag), "estimated lag");
        var second = Processor("second");
        await second.StartAsync();
        await Come("1", "2", "3");
        await second.StopAsync();
    }

    [Scenario]
    public static async Task OfStreamsTellsStatusesAndThrowsNothing(Account account)
    {
        var container = await account.NewContainer();
        var order = new Order { Id = "1", Total = 1 };
        async Task Is(HttpStatusCode expected, Task<ResponseMessage> operation, string what)
        {
            using var response = await operation;
            Expect.Equal(expected, response.StatusCode, what);
        }
        await Is(HttpStatusCode.Created, container.CreateItemStreamAsync(Body(order), Ann), "create");
        await Is(HttpStatusCode.Conflict, container.CreateItemStreamAsync(Body(order), Ann), "create again");
        await Is(HttpStatusCode.OK, container.UpsertItemStreamAsync(Body(order), Ann), "upsert");
        await Is(HttpStatusCode.OK, container.ReplaceItemStreamAsync(Body(order), "1", Ann), "replace");
        await Is(HttpStatusCode.OK, container.PatchItemStreamAsync("1", Ann, [PatchOperation.Increment("/total", 2)]), "patch");
        using (var many = await container.ReadManyItemsStreamAsync([("1", Ann), ("2", Ann)]))
        using (var text = new StreamReader(many.Content))
            Expect.True((await text.ReadToEndAsync()).Contains("\"total\":3"), "read many");
        using (var pages = container.GetItemQueryStreamIterator("SELECT VALUE c.total FROM c"))
        using (var page = await pages.ReadNextAsync())
        using (var text = new StreamReader(page.Content))
            Expect.True((await text.ReadToEndAsync()).Contains("\"Documents\":[3"), "query");
        using (var changes = container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental))
        using (var page = await changes.ReadNextAsync())
            Expect.Equal(HttpStatusCode.OK, page.StatusCode, "change feed");
        await Is(HttpStatusCode.NoContent, container.DeleteItemStreamAsync("1", Ann), "delete");
        await Is(HttpStatusCode.NotFound, container.DeleteItemStreamAsync("1", Ann), "delete again");
        await Is(HttpStatusCode.OK, container.ReadContainerStreamAsync(), "read the container");
        await Is(HttpStatusCode.NoContent, container.DeleteContainerStreamAsync(), "delete the container");
        await Is(HttpStatusCode.NotFound, container.ReadContainerStreamAsync(), "read it again");
    }

    [Scenario]
    public static async Task AtItsStartFindsTheAccountItsDatabasesAndContainers(Account account)
    {
        var container = await account.NewContainer();
        Expect.Equal(ConsistencyLevel.Session, (await account.Client.ReadAccountAsync()).Consistency.DefaultConsistencyLevel, "consistency");
        using var pages = account.Client.GetDatabaseQueryIterator<DatabaseProperties>("SELECT * FROM d WHERE d.id = 'conformance'");
        Expect.Sequence(["conformance"], (await pages.ReadNextAsync()).Select(database => database.Id), "databases");
        using var client = await Account.Initialized(account.Database.Id, container.Id);
        await client.GetContainer(account.Database.Id, container.Id).CreateItemAsync(new Order());
    }

    [Scenario]
    public static async Task OfDefinitionsTakesThemFluently(Account account)
    {
        var response = await account.Database.DefineContainer("fluent", "/customer")
            .WithDefaultTimeToLive(60)
            .WithUniqueKey().Path("/state").Attach()
            .WithIndexingPolicy()
                .WithIndexingMode(IndexingMode.Consistent)
                .WithIncludedPaths().Path("/*").Attach()
                .WithExcludedPaths().Path("/items/*").Attach()
            .Attach()
            .CreateAsync();
        Expect.Equal(HttpStatusCode.Created, response.StatusCode, "status");
        Expect.Equal(60, response.Resource.DefaultTimeToLive, "time to live");
        Expect.True(response.Resource.IndexingPolicy.ExcludedPaths.Any(path => path.Path == "/items/*"), "excluded path");
    }
}
